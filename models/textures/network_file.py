"""A trained texture network on disk. Needs no torch.

    models/weights/NAME/ERA.safetensors       half precision; the header holds sizes, steps, held-out bits

A network draws plans, whose phases are found (`spectral`), or makes waves of the plans of another (`wavenet`,
`samplernn`).

Eras are moments of one training (early, middle, late …); early ones click and murmur, and are material too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open

from engine.errors import WeightsError
from engine.files.paths import WEIGHTS_FOLDER
from models.common.weights import Arrays, content_hash, load_weights, save_weights
from models.textures.spectral.calibration import CALIBRATION
from models.textures.spectral.network_file import SPECTRAL, PlanNetwork, read_plan
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.wave_networks import SIZES, PackedWaves, WaveSizes, kind_of_sizes, packed

KINDS: Final = (*SIZES, SPECTRAL)
PLAN: Final = "plan"
"""In the header of a network that makes waves: the file of its plan network, seen from its own folder."""
FORMER_NAMES: Final = {"air_planned": "air"}
"""Names under which people may still ask for a network, and its name today."""
ERA_ORDER: Final = ("early", "middle", "late")


@dataclass(frozen=True)
class TextureNetwork:
    name: str
    path: Path
    era: str
    sizes: WaveSizes | PlanSizes
    packed: PackedWaves | None
    """None for a network that is a plan and nothing more."""
    about: Mapping[str, str]
    hash: str
    plan: PlanNetwork
    """What writes the plan that this one makes sound, or is."""

    @property
    def waves(self) -> tuple[PackedWaves, WaveSizes]:
        """What a drawing loop needs; raises `WeightsError` for a network that is a plan and nothing more."""
        if self.packed is None or isinstance(self.sizes, PlanSizes):
            raise WeightsError(f"network {self.name!r} draws no waves; choose one that does")
        return self.packed, self.sizes

    def style_index(self, style: str) -> int:
        if style not in self.sizes.styles:
            raise WeightsError(f"network {self.name!r} knows no style {style!r}: choose {', '.join(self.sizes.styles)}")
        return self.sizes.styles.index(style)


def network_folder(name: str) -> Path:
    """The folder of a network: a name under `models/weights`, or a folder of one's own."""
    return Path(name) if Path(name).is_dir() else WEIGHTS_FOLDER / FORMER_NAMES.get(name, name)


def eras_of(name: str) -> list[str]:
    """Names of the eras there are, first to last."""
    found = {path.stem for path in network_folder(name).glob("*.safetensors")} - {"weights", CALIBRATION}
    return sorted(found, key=lambda era: (ERA_ORDER.index(era) if era in ERA_ORDER else -1, era))


def networks_with(style: str) -> list[str]:
    """Names of shipped texture networks that know a style."""
    return [name for name in texture_networks() if style in _styles(network_folder(name), eras_of(name)[-1])]


def texture_networks() -> list[str]:
    """Names of shipped texture networks."""
    return sorted({path.parent.name for path in WEIGHTS_FOLDER.glob("*/*.safetensors") if kind_of(path)})


def kind_of(path: Path) -> str:
    """What draws with the weights in a file, `KINDS`; empty for weights of something else, or damaged ones."""
    kind = _header(path).get("network", "")
    return kind if kind in KINDS else ""


def _styles(folder: Path, era: str) -> list[str]:
    """Styles that a network knows, by its header alone: its weights take a tenth of a second to read."""
    sizes = _header(folder / f"{era}.safetensors").get("sizes", "{}")
    return list(json.loads(sizes).get("styles", ()))


def _header(path: Path) -> Mapping[str, str]:
    """Empty of a file that is damaged or missing."""
    try:
        with safe_open(path, "numpy") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError):
        return {}


def load_network(name: str, era: str = "") -> TextureNetwork:
    """A network of `name` in an era (the last one if not said).

    Raises `WeightsError` naming the file when there is none, it is damaged, or it belongs to something else.
    """
    eras = eras_of(name)
    if not eras or (era and era not in eras):
        known = f"eras there are: {', '.join(eras)}" if eras else "train one with `textures train`"
        raise WeightsError(
            f"{network_folder(name)}: no texture network{f' of era {era!r}' if era else ''} here; {known}"
        )
    path = network_folder(name) / f"{era or eras[-1]}.safetensors"
    known_as = (network_folder(name).name, path, path.stem)
    if kind_of(path) == SPECTRAL:
        plan, about = read_plan(path)
        return TextureNetwork(*known_as, plan.sizes, None, about, plan.hash, plan)
    sizes, made, about = _read_waves(path)
    if not sizes.told:
        raise WeightsError(f"{path}: a network without a plan, as earlier versions had; train anew: `textures train`")
    plan, _ = read_plan(path.parent / about.get(PLAN, ""))
    both = hashlib.sha256((content_hash(path) + plan.hash).encode()).hexdigest()[:12]
    return TextureNetwork(*known_as, sizes, made, about, both, plan)


def _read_waves(path: Path) -> tuple[WaveSizes, PackedWaves, dict[str, str]]:
    arrays, about = load_weights(path, *SIZES)
    try:
        sizes = SIZES[about["network"]].from_dict(json.loads(about.get("sizes", "")))
        shapes = {parameter: array.shape for parameter, array in arrays.items()}
        if wrong := [p for p, shape in sizes.parameter_shapes.items() if shapes.get(p, shape) != shape]:
            raise WeightsError(f"{wrong[0]} does not have the size that its header says; fetch the weights again")
        return sizes, packed(arrays, sizes), about
    except (WeightsError, ValueError) as error:
        raise WeightsError(f"{path}: {error}") from error


def save_network(folder: Path, era: str, arrays: Arrays, sizes: WaveSizes, about: Mapping[str, str]) -> Path:
    """Writes one era; returns its file."""
    path = folder / f"{era}.safetensors"
    save_weights(path, arrays, {**about, "network": kind_of_sizes(sizes), "sizes": json.dumps(sizes.as_dict())})
    return path

"""A trained texture network on disk, and drawing sound from it. Needs no torch, except to draw on a card.

    models/weights/NAME/ERA.safetensors       half precision; the header holds sizes, steps, held-out bits
    models/weights/NAME/contours.safetensors  per style, how pitch classes and bands moved in some training pieces, and
                                              as STYLE.spectrum the mean spectrum of its training material

Eras are moments of one training (early, middle, late …); early ones click and murmur, and are material too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.attuning import attuned, coloured, spectrum_db, tinted
from models.guiding import Guide, planned_loudness
from models.mu_law import RATE_HZ, decode, encode
from models.striking import strikes
from models.texture_conditions import BLOCK_FRAMES, PITCH_CLASSES, in_scale, joined, level_db
from models.texture_manners import ANYTHING, Manner, usual_manner
from models.wavenet_drawing import GROUP, Drawing
from models.wavenet_packing import Packed, pack
from models.wavenet_sizes import WaveNetSizes
from models.weight_files import WEIGHTS_FOLDER, Arrays, content_hash, load_weights, save_weights

NETWORK: Final = "wavenet"
CONTOUR_STRIDE: Final = 4
"""Contours are kept once in so many blocks (64 ms) and drawn straight between."""
CONTOURS_PER_STYLE: Final = 20
OPENING_BLOCKS: Final = 62
"""How a piece rises out of silence, its first second, is not borrowed: within a texture that would be a gap."""
REST_DB: Final = 25.0
MOST_RESTS: Final = 0.5
LEAD_IN_S: Final = 1.0
"""What comes out first is still finding its sound, and is thrown away."""
ERA_ORDER: Final = ("early", "middle", "late")
SPECTRUM: Final = ".spectrum"
SPECTRUM_PIECES: Final = 40


@dataclass(frozen=True)
class TextureNetwork:
    name: str
    path: Path
    era: str
    sizes: WaveNetSizes
    packed: Packed
    contours: Mapping[str, NDArray[np.float32]]
    about: Mapping[str, str]
    hash: str

    def style_index(self, style: str) -> int:
        if style not in self.sizes.styles:
            raise WeightsError(f"network {self.name!r} knows no style {style!r}: choose {', '.join(self.sizes.styles)}")
        return self.sizes.styles.index(style)


def network_folder(name: str) -> Path:
    """The folder of a network: a name under `models/weights`, or a folder of one's own."""
    return Path(name) if Path(name).is_dir() else WEIGHTS_FOLDER / name


def eras_of(name: str) -> list[str]:
    """Names of the eras there are, first to last."""
    found = {path.stem for path in network_folder(name).glob("*.safetensors")} - {"contours", "weights"}
    return sorted(found, key=lambda era: (ERA_ORDER.index(era) if era in ERA_ORDER else -1, era))


def networks_with(style: str) -> list[str]:
    """Names of shipped texture networks that know a style."""
    names = sorted(path.parent.name for path in WEIGHTS_FOLDER.glob("*/contours.safetensors"))
    return [name for name in names if eras_of(name) and style in load_network(name).sizes.styles]


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
    arrays, about = load_weights(path, NETWORK)
    try:
        sizes = WaveNetSizes.from_dict(json.loads(about.get("sizes", "")))
        shapes = {parameter: array.shape for parameter, array in arrays.items()}
        if wrong := [p for p, shape in sizes.parameter_shapes.items() if shapes.get(p, shape) != shape]:
            raise WeightsError(f"{wrong[0]} does not have the size that its header says; fetch the weights again")
        packed = pack(arrays, sizes.dilations, sizes.predictor_order)
    except (WeightsError, ValueError) as error:
        raise WeightsError(f"{path}: {error}") from error
    borrowed, _ = load_weights(network_folder(name) / "contours.safetensors", "contours")
    known_as = (network_folder(name).name, path, path.stem)
    return TextureNetwork(*known_as, sizes, packed, borrowed, about, content_hash(path))


def save_network(folder: Path, era: str, arrays: Arrays, sizes: WaveNetSizes, about: Mapping[str, str]) -> Path:
    """Writes one era; returns its file."""
    path = folder / f"{era}.safetensors"
    save_weights(path, arrays, {**about, "network": NETWORK, "sizes": json.dumps(sizes.as_dict())})
    return path


def contours(pieces: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Conditions [blocks x conditions] of some pieces of one style, worth borrowing: long ones without long rests,
    of the half whose levels lie and move most as in them all, so that a few draws are already like the style."""
    longest = max(len(piece) for piece in pieces)
    long = [piece for piece in pieces if len(piece) == longest]
    steady = [piece for piece in long if rests(piece) <= MOST_RESTS] or long
    bands = [level_db(piece[:, PITCH_CLASSES:]) for piece in steady]
    ways = np.array([np.concatenate([one.mean(axis=0), one.std(axis=0)]) for one in bands])
    away_db = np.abs(ways - np.median(ways, axis=0)).mean(axis=1)
    typical = [piece for piece, away in zip(steady, away_db, strict=True) if away <= np.median(away_db)]
    return typical[:: max(1, len(typical) // CONTOURS_PER_STYLE)][:CONTOURS_PER_STYLE]


def rests(conditions: NDArray[np.float32]) -> float:
    """Share of a piece that is `REST_DB` below its loudest moment."""
    whole_db = level_db(conditions[:, PITCH_CLASSES:]).max(axis=1)
    return float((whole_db < whole_db.max() - REST_DB).mean())


def mean_spectrum(pieces: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Mean of `models.attuning.spectrum_db` over some of the pieces [frames] of classes."""
    some = pieces[:: -(-len(pieces) // SPECTRUM_PIECES)]
    return np.mean([spectrum_db(decode(piece)) for piece in some], axis=0).astype(np.float32)


def save_contours(
    folder: Path,
    per_style: Mapping[str, Sequence[NDArray[np.float32]]],
    spectra: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
) -> None:
    """Keeps conditions of some pieces [blocks x conditions] per style, thinned out, as [pieces x blocks / 4 x …], and
    the spectrum in dB [bands] of each style in `spectra`."""
    arrays = {style + SPECTRUM: spectrum for style, spectrum in spectra.items()}
    for style, pieces in per_style.items():
        shortest = min(len(piece) for piece in pieces) // CONTOUR_STRIDE * CONTOUR_STRIDE
        arrays[style] = np.stack([piece[:shortest:CONTOUR_STRIDE] for piece in pieces])
    save_weights(folder / "contours.safetensors", arrays, {"network": "contours"})


def plan(
    network: TextureNetwork, style: str, blocks: int, rng: np.random.Generator, scale: Sequence[int] | None
) -> NDArray[np.float32]:
    """Conditions [blocks x conditions] for one stream: contours of the style, joined, moved into `scale`."""
    network.style_index(style)
    kept = network.contours[style]
    chosen: list[NDArray[np.float32]] = []
    while sum(map(len, chosen)) < 2 * blocks:
        contour = kept[int(rng.integers(len(kept)))]
        fine = np.linspace(0, len(contour) - 1, CONTOUR_STRIDE * len(contour))
        whole = np.stack([np.interp(fine, np.arange(len(contour)), column) for column in contour.T], axis=1)
        first = int(rng.integers(min(OPENING_BLOCKS, len(whole) // 4), len(whole) // 2))
        begun = whole[first:].astype(np.float32)
        chosen.append(begun if scale is None else in_scale(begun, scale))
    return joined(chosen, blocks)


class SoundDrawing(Protocol):
    """Streams on their way, as `models.wavenet_drawing.Drawing` and `models.wavenet_torch_drawing.TorchDrawing` are."""

    frame: int
    classes: NDArray[np.uint8]

    @property
    def done(self) -> bool: ...

    def prime(self, classes: NDArray[np.uint8]) -> None: ...

    def advance(self) -> None: ...

    def state(self) -> dict[str, NDArray[Any]]: ...

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None: ...


class TextureDraw:
    """Several textures on their way, `threads` groups of streams at once; stream i depends on (seed, i) alone.

    With a `device` of torch (`cuda`), all streams are drawn together there. A device draws the same every time, but
    another may draw another sound from the same seed: sums differ in the last bit, and one draw leads to the next.
    `manner`: the style's usual one if not given.
    """

    def __init__(
        self,
        network: TextureNetwork,
        style: str,
        count: int,
        seconds: float,
        seed: int,
        scale: Sequence[int] | None = None,
        manner: Manner | None = None,
        primer: NDArray[np.float32] | None = None,
        threads: int = 1,
        device: str = "",
    ) -> None:
        if count < 1 or not 0.5 <= seconds <= 3600:
            raise WeightsError(f"{count} textures of {seconds:g} s: ask for at least 1, of 0.5 to 3600 s")
        self.frames = round(seconds * RATE_HZ)
        self.lead_in = 0 if primer is not None else round(LEAD_IN_S * RATE_HZ)
        blocks = -(-(self.frames + self.lead_in) // BLOCK_FRAMES)
        chosen = np.zeros((count, len(network.sizes.styles)), np.float32)
        chosen[:, network.style_index(style)] = 1.0
        plans = [plan(network, style, blocks, np.random.default_rng([seed, n, 1]), scale) for n in range(count)]
        conditions = np.stack(plans, axis=1)
        if scale is not None and not set(scale):
            conditions[..., :PITCH_CLASSES] = 0.0
        manner = manner or usual_manner(style)
        self.manner, self.told, self.spectrum = manner, conditions, network.contours.get(style + SPECTRUM)

        def guide(streams: NDArray[np.int64]) -> Guide:
            struck = streams if manner.strike else streams[:0]
            begun = [strikes(plans[n], np.random.default_rng([seed, int(n), 2])) for n in struck]
            planned = planned_loudness(conditions[:, streams]) if manner.surprise < ANYTHING else None
            return Guide(begun, manner.surprise, planned)

        self.drawings: list[SoundDrawing]
        if device:
            from models.wavenet_torch_drawing import TorchDrawing, load_torch_network

            made = load_torch_network(network.path).to(device)
            self.drawings = [TorchDrawing(made, chosen, conditions, seed, manner.temperature, guide(np.arange(count)))]
        else:
            # Whole groups of streams cost as much as begun ones, so more threads than groups would only be waste.
            self.drawings = [
                Drawing(
                    network.packed,
                    chosen[g],
                    conditions[:, g],
                    seed,
                    manner.temperature,
                    int(g[0]),
                    guide(g),
                )
                for g in np.array_split(np.arange(count), min(threads, -(-count // GROUP)))
            ]
        if primer is not None:
            for drawing in self.drawings:
                drawing.prime(encode(primer))

    @property
    def progress(self) -> float:
        """Share 0..1 that is done."""
        return min(d.frame / len(d.classes) for d in self.drawings)

    @property
    def done(self) -> bool:
        return all(drawing.done for drawing in self.drawings)

    def advance(self, blocks: int = 1) -> None:
        """Draws some blocks more in all streams."""

        def go_on(drawing: SoundDrawing) -> None:
            for _ in range(blocks):
                if not drawing.done:
                    drawing.advance()

        if len(self.drawings) == 1:
            go_on(self.drawings[0])
            return
        with ThreadPoolExecutor(len(self.drawings)) as pool:
            list(pool.map(go_on, self.drawings))

    def sounds(self) -> list[NDArray[np.float32]]:
        """The finished textures, each mono [frames] at 16 kHz, without the lead-in and what lies below hearing."""
        below = scipy.signal.butter(2, 30.0, "highpass", fs=RATE_HZ, output="sos")
        classes = np.concatenate([drawing.classes for drawing in self.drawings], axis=1)
        heard = slice(self.lead_in, self.lead_in + self.frames)
        sounds = []
        for stream, told in zip(classes.T, self.told.swapaxes(0, 1), strict=True):
            sound = scipy.signal.sosfilt(below, decode(stream))
            sound = coloured(sound, told[:, PITCH_CLASSES:], self.manner.colour)
            if self.spectrum is not None:
                sound = tinted(sound, self.spectrum, self.manner.colour)
            sounds.append(attuned(sound, told[:, :PITCH_CLASSES], self.manner.attune)[heard])
        return sounds

    def save(self, path: Path) -> None:
        """Keeps how far it has come; `resume` takes it up again."""
        states: dict[str, Any] = {}
        for number, drawing in enumerate(self.drawings):
            states |= {f"{name}_{number}": value for name, value in drawing.state().items()}
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, **states)
        temporary.replace(path)

    def resume(self, path: Path) -> bool:
        """Goes on from a saved state; False (and from the start) when it is missing or of another drawing."""
        try:
            with np.load(path) as states:
                for number, drawing in enumerate(self.drawings):
                    drawing.restore({name: states[f"{name}_{number}"] for name in drawing.state()})
        except (OSError, ValueError, KeyError):
            return False
        return True


def draw_all(
    draw: TextureDraw, report: Callable[[float], None] = lambda _: None, stride: int = 20
) -> list[NDArray[np.float32]]:
    """Draws to the end, reporting the share that is done now and then; returns the sounds."""
    while not draw.done:
        draw.advance(stride)
        report(draw.progress)
    return draw.sounds()

"""The networks there are, one row each, from their cards and files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from safetensors import SafetensorError, safe_open

from engine.files.state_folder import weights_folders
from models.common.card_header import CARD, CardHeader, read_card
from models.common.weights import FILE_NAME, content_hash
from models.performers.quotation.quotation import FILE_NAME as QUOTATIONS
from models.performers.quotation.recognition import BOOK
from models.textures.network_file import ERA_ORDER
from models.textures.spectral.calibration import FILE_NAME as CALIBRATION

BESIDE: Final = (QUOTATIONS, BOOK, CALIBRATION)
"""What lies beside weights, and is none."""


def rows(*folders: Path) -> Iterator[tuple[str, ...]]:
    """(name, network, megabytes, loss with unit, hash of the weights, data, licence) of every network in `folders`.

    Without any they are those in which networks are looked for; what is in the first hides a namesake in the next.
    """
    homes = [home for folder in folders or weights_folders() for home in folder.glob("*") if home.is_dir()]
    for home in sorted({home.name: home for home in reversed(homes)}.values(), key=lambda home: home.name):
        files = sorted(path for path in home.glob("*.safetensors") if path.name not in BESIDE)
        if files:
            yield _row(home, files)


def _row(home: Path, files: list[Path]) -> tuple[str, ...]:
    header, _ = read_card(home / CARD)
    eras = [home / f"{era}.safetensors" for era in ERA_ORDER if (home / f"{era}.safetensors") in files]
    main = home / FILE_NAME if (home / FILE_NAME) in files else [*files, *eras][-1]
    hashed = content_hash(main)
    others = ", ".join(era.stem for era in eras if era != main)
    name = f"{home.name} ({others} too)" if others else home.name
    megabytes = f"{sum(path.stat().st_size for path in files) / 1e6:.1f}"
    network = header.network or _network_of(main)
    return name, network, megabytes, _loss(header, hashed), hashed, header.data or "–", header.licence or "–"


def _loss(header: CardHeader, hashed: str) -> str:
    measured = ((header.nats_per_event, "nats/event"), (header.bits_per_value, "bits/value"))
    losses = [f"{loss:.3f} {unit}" for loss, unit in measured if loss is not None]
    if not losses:
        return "not measured"
    if header.weights != hashed:
        return "its card is of other weights"
    on = "" if header.measured_on.startswith("held") else f" on {header.measured_on}"
    return f"{losses[0]}{on}"


def _network_of(path: Path) -> str:
    try:
        with safe_open(path, "numpy") as file:
            return (file.metadata() or {}).get("network", "–")
    except (SafetensorError, OSError):
        return "damaged; bring it back with `git checkout`"

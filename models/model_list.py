"""The networks there are, one row each, from their cards and files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError, safe_open

from models.card_header import CARD, CardHeader, read_card
from models.eras import ERAS
from models.quotation import FILE_NAME as QUOTATIONS
from models.weight_files import FILE_NAME, WEIGHTS_FOLDER, content_hash


def rows(folder: Path = WEIGHTS_FOLDER) -> Iterator[tuple[str, ...]]:
    """(name, network, megabytes, nats per event, hash of the weights, data, licence) of every network in `folder`."""
    for home in sorted(path for path in folder.glob("*") if path.is_dir()):
        files = sorted(path for path in home.glob("*.safetensors") if path.name != QUOTATIONS)
        if files:
            yield _row(home, files)


def _row(home: Path, files: list[Path]) -> tuple[str, ...]:
    header, _ = read_card(home / CARD)
    main = home / FILE_NAME if (home / FILE_NAME) in files else files[-1]
    hashed = content_hash(main)
    eras = [era for era in ERAS if (home / f"{era}.safetensors") in files]
    name = f"{home.name} ({', '.join(eras)} too)" if eras and main.name == FILE_NAME else home.name
    megabytes = f"{sum(path.stat().st_size for path in files) / 1e6:.1f}"
    network = header.network or _network_of(main)
    return name, network, megabytes, _loss(header, hashed), hashed, header.data or "–", header.licence or "–"


def _loss(header: CardHeader, hashed: str) -> str:
    if header.nats_per_event is None:
        return "–"
    if header.weights != hashed:
        return "its card is of other weights"
    on = "" if header.measured_on.startswith("held") else f" on {header.measured_on}"
    return f"{header.nats_per_event:.3f}{on}"


def _network_of(path: Path) -> str:
    try:
        with safe_open(path, "numpy") as file:
            return (file.metadata() or {}).get("network", "–")
    except (SafetensorError, OSError):
        return "damaged; bring it back with `git checkout`"

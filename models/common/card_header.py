"""The head of a model card: what a network learnt from, under which licence, and how well."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import yaml

CARD: Final = "card.md"
FENCE: Final = "---"


@dataclass(frozen=True)
class CardHeader:
    """YAML between two lines of dashes at the top of `card.md`; `weights` is the hash of those that were measured."""

    network: str = ""
    weights: str = ""
    data: str = ""
    licence: str = ""
    measured_on: str = ""
    nats_per_event: float | None = None
    bits_per_value: float | None = None
    by_heart: str = ""
    """The book that it knows by heart on purpose; empty for what plays of its own."""


def read_card(path: Path) -> tuple[CardHeader, str]:
    """Header and text of a card; an empty header where there is none or it cannot be read, ("", "") of no file."""
    text = path.read_text("utf-8") if path.is_file() else ""
    parts = text.split(f"{FENCE}\n", 2)
    if len(parts) < 3 or parts[0]:
        return CardHeader(), text
    try:
        found = yaml.safe_load(parts[1])
    except yaml.YAMLError:
        found = None
    known = {field.name for field in fields(CardHeader)}
    rows = {key: value for key, value in found.items() if key in known} if isinstance(found, dict) else {}
    return CardHeader(**rows), parts[2].lstrip("\n")


def with_header(header: CardHeader, text: str) -> str:
    """A card's whole text."""
    rows = yaml.safe_dump(asdict(header), sort_keys=False, allow_unicode=True, width=1000)
    return f"{FENCE}\n{rows}{FENCE}\n\n{text}"

"""What is asked for when a record is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.album.performance.performance import Played
from engine.version import VERSION

SOFTWARE: Final = f"Ameublement {VERSION}"
"""For tags, credits and recipes."""


@dataclass(frozen=True)
class Order:
    """What is asked for besides the plan. `music`, from a recipe, is what the tracks' voices play, by number."""

    seed: int
    rate_hz: int = 48_000
    soundfont: Path | None = None
    music: Mapping[int, Played] = field(default_factory=dict)

"""What is asked for when a record is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.album.performance.performance import Takes
from engine.album.performance.played import Played
from engine.version import VERSION

SOFTWARE: Final = f"Ameublement {VERSION}"
"""For tags, credits and recipes."""


@dataclass(frozen=True)
class Order:
    """What is asked for besides the plan. `music`, from a recipe, is what the tracks' voices play, by number.

    So many `takes` are drawn of each section, except where `chosen` says by track number and section which it is.
    """

    seed: int
    rate_hz: int = 48_000
    soundfont: Path | None = None
    music: Mapping[int, Played] = field(default_factory=dict)
    takes: int = 1
    chosen: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def takes_of(self, track: int) -> Takes:
        """What is drawn and chosen of a track."""
        return Takes(self.takes, self.chosen.get(track, {}))

"""What a check is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `figure` says what was found. `passed` is None where nothing could be told."""

    track: int
    what: str
    passed: bool | None
    figure: str

"""What a report shows: stretches of sound and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.album.measurement.form import PlannedStretch
from engine.music.notes import Note


@dataclass(frozen=True)
class Part:
    """A stretch of sound and what is known of it. `sections` are (start, end, name); `facts` are shown as they are."""

    title: str
    sound: Path
    stems: Mapping[str, Path] = field(default_factory=dict)
    notes: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    sections: Sequence[tuple[float, float, str]] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    plan: Sequence[PlannedStretch] = ()
    """What its sections asked for."""
    tunes: Mapping[str, Sequence[Note]] = field(default_factory=dict)
    """Its themes by name."""

"""Scales by name: which modes there are, and the pitch classes of roots."""

from __future__ import annotations

import difflib
import re
from typing import Final

from engine.errors import MoodError

MODES: Final[dict[str, tuple[int, ...]]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "harmonic_minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic_minor": (0, 2, 3, 5, 7, 9, 11),
    "harmonic_major": (0, 2, 4, 5, 7, 8, 11),
    "melodic_major": (0, 2, 4, 5, 7, 8, 10),
    "hungarian_minor": (0, 2, 3, 6, 7, 8, 11),
    "lydian_dominant": (0, 2, 4, 6, 7, 9, 10),
    "major_pentatonic": (0, 2, 4, 7, 9),
    "minor_pentatonic": (0, 3, 5, 7, 10),
    "suspended_pentatonic": (0, 2, 5, 7, 10),
    "hirajoshi": (0, 2, 3, 7, 8),
    "whole_tone": (0, 2, 4, 6, 8, 10),
    "octatonic_half_whole": (0, 1, 3, 4, 6, 7, 9, 10),
    "octatonic_whole_half": (0, 2, 3, 5, 6, 8, 9, 11),
    "third_mode": (0, 2, 3, 4, 6, 7, 8, 10, 11),
    "gymnopedie": (0, 2, 4, 5, 6, 7, 9, 11),
    "gnossienne": (0, 2, 3, 6, 7, 9, 10),
    "gnossienne_minor": (0, 2, 3, 5, 6, 7, 8, 11),
    "sarabande": (0, 2, 4, 5, 7, 9, 10, 11),
    "vexations": (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11),
    "chromatic": (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
}
"""Intervals above the root, in semitones. `gymnopedie` has both fourths (its major sevenths stand on the tonic and on
the fourth), `gnossienne` is the Dorian with a raised fourth, `gnossienne_minor` keeps both fourths under a leading
note, `sarabande` has both sevenths for ninth chords, `third_mode` is Messiaen's third: three major and three minor
triads a major third apart, `vexations` is the eleven pitch classes of that bass."""
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_INTERVALS = re.compile(r"^\d{1,2}(-\d{1,2})+$")


def intervals_of(mode: str) -> tuple[int, ...]:
    """Intervals of a mode's name or of a list such as `0-2-4-7-9`; `MoodError` names the nearest mode."""
    name = mode.strip().lower().replace(" ", "_")
    if name in MODES:
        return MODES[name]
    if _INTERVALS.match(name):
        intervals = tuple(int(part) for part in name.split("-"))
        if intervals[0] != 0 or intervals[-1] > 11 or sorted(set(intervals)) != list(intervals):
            raise MoodError(f"scale {mode!r}: intervals must begin with 0, rise, and stay below 12, as in 0-2-4-7-9")
        return intervals
    near = difflib.get_close_matches(name, MODES, n=1, cutoff=0.0)
    raise MoodError(
        f"scale mode {mode!r} is not known; did you mean {near[0]!r}? Any intervals work too, as in 0-2-4-7-9. "
        f"Modes: {', '.join(MODES)}"
    )


def pitch_class_of(root: str) -> int:
    """Pitch class 0..11 of a note's name such as `F#` or `Bb`."""
    return (_LETTERS[root[0]] + root.count("#") - root[1:].count("b")) % 12

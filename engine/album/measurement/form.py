"""A track's form in figures: what its sections planned beside what is heard, pauses, and how it ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.ndimage

from engine.album.measurement.loudness_over_time import (
    MOMENTARY_S,
    SHORT_TERM_S,
    STEP_S,
    Sound,
    loudness_curve,
    loudness_range_lu,
)
from engine.album.measurement.notes_over_time import mean_pitch
from engine.music.notes import Note

PAUSE_LU: Final = -15.0
"""A general pause is so far below what is around it (momentary loudness) for at least `SHORTEST_PAUSE_S`."""
AROUND_S: Final = 16.0
SHORTEST_PAUSE_S: Final = 0.8
ENDS_S: Final = 12.0
"""Silence so near to a track's ends is no pause."""
SILENCE_DB: Final = -40.0
"""A section planned so far down is a general pause. It is looked for as such: how deep it can be heard hangs on how
long rooms ring, so its level is no point of the curve that loudness follows."""
CLOSE_S: Final = 24.0
"""The stretch, up to the last note, that is compared with as much before it."""


@dataclass(frozen=True)
class PlannedStretch:
    """What a section asked for: a level relative to the track's, notes a second, and a pitch for the register."""

    name: str
    start_s: float
    end_s: float
    level_db: float
    density_notes_per_s: float
    register: float | None


@dataclass(frozen=True)
class HeardStretch:
    """A section as it came out: mean short-term loudness, notes that begin a second, velocity-weighted mean pitch."""

    planned: PlannedStretch
    lufs: float
    density_notes_per_s: float
    register: float


@dataclass(frozen=True)
class Ending:
    """The last `CLOSE_S` beside those before: ratio of onsets, of velocities, lowest pitch of the last chord."""

    density_ratio: float
    velocity_ratio: float
    softer_lu: float
    last_bass: int


@dataclass(frozen=True)
class Form:
    """All of it. `pauses` are (start, end) in seconds."""

    range_lu: float
    stretches: tuple[HeardStretch, ...]
    pauses: tuple[tuple[float, float], ...]
    ending: Ending | None

    def follows(self, what: str) -> float:
        """Correlation of plan and sound over the sections, of `level`, `density` or `register`; NaN of too few."""
        if what == "level":
            pairs = [(s.planned.level_db, s.lufs) for s in self.stretches if s.planned.level_db > SILENCE_DB]
        elif what == "density":
            pairs = [(s.planned.density_notes_per_s, s.density_notes_per_s) for s in self.stretches]
        else:
            pairs = [(s.planned.register, s.register) for s in self.stretches if s.planned.register is not None]
        table = np.array([pair for pair in pairs if np.isfinite(pair).all()], float)
        if len(table) < 3 or (table.std(axis=0) < 1e-6).any():
            return float("nan")
        return float(np.corrcoef(table.T)[0, 1])


def form_of(sound: Sound, rate_hz: int, piano: Sequence[Note], plan: Sequence[PlannedStretch]) -> Form:
    """Measures a finished track: `sound` [frames, 2], the piano's notes in the track's time, its planned sections."""
    times_s, lufs = loudness_curve(sound, rate_hz, SHORT_TERM_S)
    stretches = []
    for planned in plan:
        inside = (times_s >= planned.start_s + 1.5) & (times_s < planned.end_s - 1.5)
        level = 10 * np.log10(np.mean(10 ** (lufs[inside] / 10))) if inside.any() else float("nan")
        stretches.append(_heard(planned, float(level), piano))
    return Form(
        loudness_range_lu(sound, rate_hz), tuple(stretches), pauses(sound, rate_hz), _ending(sound, rate_hz, piano)
    )


def _heard(planned: PlannedStretch, lufs: float, piano: Sequence[Note]) -> HeardStretch:
    count = sum(planned.start_s <= note.onset_s < planned.end_s for note in piano)
    length_s = planned.end_s - planned.start_s
    return HeardStretch(planned, lufs, count / length_s, mean_pitch(piano, planned.start_s, planned.end_s))


def pauses(sound: Sound, rate_hz: int) -> tuple[tuple[float, float], ...]:
    """General pauses: where all is at least `PAUSE_LU` below the median around it, long enough to be noticed."""
    times_s, lufs = loudness_curve(sound, rate_hz, MOMENTARY_S)
    around = scipy.ndimage.median_filter(lufs, round(AROUND_S / STEP_S), mode="nearest")
    soft = np.append(np.insert((lufs < around + PAUSE_LU).astype(int), 0, 0), 0)
    edges = np.flatnonzero(np.diff(soft)).reshape(-1, 2) * STEP_S
    length_s = float(times_s[-1])
    return tuple(
        (float(start_s), float(end_s))
        for start_s, end_s in edges
        if end_s - start_s >= SHORTEST_PAUSE_S and start_s > ENDS_S and end_s < length_s - ENDS_S
    )


def _ending(sound: Sound, rate_hz: int, piano: Sequence[Note]) -> Ending | None:
    """None where there are too few notes to speak of an ending."""
    if not piano:
        return None
    last_s = max(note.onset_s for note in piano) + 0.01
    close = [note for note in piano if last_s - CLOSE_S <= note.onset_s]
    before = [note for note in piano if last_s - 2 * CLOSE_S <= note.onset_s < last_s - CLOSE_S]
    if len(before) < 4 or len(close) < 4:
        return None
    times_s, lufs = loudness_curve(sound, rate_hz, SHORT_TERM_S)

    def loudness(start_s: float, end_s: float) -> float:
        inside = (times_s >= start_s) & (times_s < end_s)
        return float(10 * np.log10(np.mean(10 ** (lufs[inside] / 10)))) if inside.any() else float("nan")

    ringing = [note for note in piano if note.end_s >= last_s - 0.5 or note.onset_s >= last_s - 4.0]
    return Ending(
        len(close) / len(before),
        float(np.mean([n.velocity for n in close]) / np.mean([n.velocity for n in before])),
        loudness(last_s - 2 * CLOSE_S, last_s - CLOSE_S) - loudness(last_s - CLOSE_S, last_s),
        min(note.pitch for note in ringing),
    )

"""Finding a steady beat in a phrase, and a soft pattern of brushes where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

from engine.music.humanising import Humanise, as_written
from engine.music.notes import Note, sorted_notes

FRAME_S: Final = 0.02
FASTEST_BEAT_S: Final = 0.35
SLOWEST_BEAT_S: Final = 1.6
STEADY: Final = 0.34
"""Share of the onsets' energy that must recur one beat later; of random onsets, one set in a hundred reaches 0.26."""
WINDOW_S: Final = 12.0

BRUSH_SWIRL: Final = 40
BRUSH_TAP: Final = 38
SOFT_KICK: Final = 36
RIDE: Final = 51
CLOSED_HAT: Final = 42
STANDS_FOR: Final = {SOFT_KICK: 41, BRUSH_TAP: 55, BRUSH_SWIRL: 57, CLOSED_HAT: 67, RIDE: 69}
"""Keys of a piano whose place in a bar a drum's is like: a humaniser has learnt from pianists."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A steady pulse: `period_s` apart, from `first_s` on, until `end_s`; `steadiness` 0..1."""

    period_s: float
    first_s: float
    end_s: float
    steadiness: float


def find_beat(notes: Sequence[Note], start_s: float = 0.0, end_s: float | None = None) -> Beat | None:
    """The beat of the notes that begin in a span, by autocorrelation of their onsets; None when there is no steady one.

    Onsets are smoothed over 80 ms, so rubato of a few percent still counts as steady.
    """
    end_s = (notes[-1].onset_s + FRAME_S if notes else 0.0) if end_s is None else end_s
    inside = [note for note in notes if start_s <= note.onset_s < end_s]
    if len({round(note.onset_s, 1) for note in inside}) < 8 or end_s - start_s < 4 * FASTEST_BEAT_S:
        return None
    envelope = _onset_envelope(inside, start_s, end_s)
    energy = np.correlate(envelope, envelope, "full")[len(envelope) - 1 :]
    overlap = np.arange(len(envelope), 0, -1) / len(envelope)
    recurrence = energy / np.maximum(overlap, 0.2) / max(float(energy[0]), 1e-12)
    low, high = int(FASTEST_BEAT_S / FRAME_S), min(int(SLOWEST_BEAT_S / FRAME_S), len(envelope) // 3)
    if high <= low:
        return None
    lag = low + int(np.argmax(recurrence[low : high + 1]))
    steadiness = float(min(recurrence[lag], 1.0))
    if steadiness < STEADY:
        return None
    phase = int(np.argmax([envelope[offset::lag].mean() for offset in range(lag)]))
    return Beat(lag * FRAME_S, start_s + phase * FRAME_S, end_s, steadiness)


def _onset_envelope(notes: Sequence[Note], start_s: float, end_s: float) -> npt.NDArray[np.float64]:
    """Onset strength per frame, zero mean, so that a wash of onsets everywhere is no beat."""
    envelope = np.zeros(int((end_s - start_s) / FRAME_S) + 8)
    for note in notes:
        envelope[int((note.onset_s - start_s) / FRAME_S)] += note.velocity / 64
    envelope = np.convolve(np.minimum(envelope, 2.0), np.array([0.15, 0.45, 0.8, 1.0, 0.8, 0.45, 0.15]), "same")
    return envelope - envelope.mean()


def beat_windows(notes: Sequence[Note]) -> list[tuple[float, float, Beat | None]]:
    """The stretches of a phrase that are searched for a beat, one after the other: begin, end, and what was found."""
    windows = []
    start_s = 0.0
    while notes and start_s < notes[-1].onset_s:
        end_s = min(start_s + WINDOW_S, notes[-1].onset_s + FRAME_S)
        windows.append((start_s, end_s, find_beat(notes, start_s, end_s)))
        start_s += WINDOW_S
    return windows


def brushes(
    notes: Sequence[Note], density: float, generator: Random, humanise: Humanise = as_written
) -> tuple[Note, ...]:
    """Soft brushes in those stretches of the phrase where a beat is found; none where there is none.

    Pitches are General MIDI drum keys. `density` is the share of steady stretches that are played. `humanise` gives
    the strokes a touch.
    """
    if density <= 0.0 or not notes:
        return ()
    played: list[Note] = []
    for _, _, beat in beat_windows(notes):
        if beat is not None and generator.random() < density:
            strokes = _bars(beat, _beats_per_bar(notes, beat), density, generator)
            played += _touched(strokes, humanise, generator.getrandbits(31))
    return sorted_notes(played)


def _touched(strokes: Sequence[Note], humanise: Humanise, seed: int) -> list[Note]:
    """Strokes as hands play them, by way of the piano keys that they are like."""
    drum = {pitch: key for key, pitch in STANDS_FOR.items()}
    played = humanise([replace(note, pitch=STANDS_FOR[note.pitch]) for note in strokes], seed)
    return _one_per_key([replace(note, pitch=drum[note.pitch]) for note in played])


def _beats_per_bar(notes: Sequence[Note], beat: Beat) -> int:
    """3 or 4, whichever puts more low and loud notes on the first beat."""

    def accent(beats: int) -> float:
        totals = [0.0] * beats
        for note in notes:
            if beat.first_s - 0.06 <= note.onset_s < beat.end_s:
                position = (note.onset_s - beat.first_s) / beat.period_s
                if abs(position - round(position)) < 0.15:
                    totals[round(position) % beats] += max(0.0, 72 - note.pitch) * note.velocity
        return max(totals) / max(sum(totals), 1e-9) * beats

    return 3 if accent(3) >= accent(4) else 4


def _bars(beat: Beat, beats: int, density: float, generator: Random) -> list[Note]:
    bars: list[Note] = []
    count = int((beat.end_s - beat.first_s) / beat.period_s + 0.5)
    for index in range(count):
        onset_s = beat.first_s + index * beat.period_s
        swell = 0.6 + 0.4 * min(1.0, index / 6) * min(1.0, (count - index) / 4)
        for key, velocity in _strokes(index % beats, beats):
            if key == SOFT_KICK or generator.random() < 0.55 + 0.45 * density:
                bars.append(Note(max(0.0, onset_s), key, 0.3, max(8, round(velocity * swell))))
    return bars


def _strokes(position: int, beats: int) -> tuple[tuple[int, int], ...]:
    if position == 0:
        return ((SOFT_KICK, 30), (BRUSH_SWIRL, 20))
    if beats == 3:
        return ((BRUSH_TAP, 24),) if position == 1 else ((CLOSED_HAT, 18),)
    return ((BRUSH_TAP, 26),) if position == 2 else ((RIDE, 18),)


def _one_per_key(notes: Sequence[Note]) -> list[Note]:
    """Strokes on one key never overlap."""
    kept: list[Note] = []
    last: dict[int, int] = {}
    for note in sorted_notes(notes):
        before = last.get(note.pitch)
        if before is not None and kept[before].end_s > note.onset_s:
            kept[before] = replace(kept[before], duration_s=max(0.02, note.onset_s - kept[before].onset_s))
        last[note.pitch] = len(kept)
        kept.append(note)
    return kept

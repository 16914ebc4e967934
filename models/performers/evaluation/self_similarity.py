"""Whether music returns to its material: likeness of a piece to itself, some seconds later.

Foote 1999, "Visualizing music and audio using self-similarity", for notes instead of sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.quotation.melodic_features import skyline

HOP_S: Final = 0.5
WINDOW_S: Final = 2.0
PATTERN_NOTES: Final = 5
APART_S: Final = 4.0
"""A pattern that stands again so much later has returned; sooner, it only goes on."""


def likeness_by_lag(phrases: Sequence[Phrase], longest_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(lags in seconds, mean cosine of the pitch classes of two seconds with those so much later, 0..1)."""
    lags = np.arange(1, int(longest_s / HOP_S) + 1)
    total, count = np.zeros(len(lags)), np.zeros(len(lags))
    for phrase in phrases:
        chroma = _chroma(phrase)
        for place, lag in enumerate(lags):
            here, later = chroma[:-lag], chroma[lag:]
            sounding = (here.any(axis=1) & later.any(axis=1)) if len(here) else np.zeros(0, bool)
            total[place] += (here * later).sum(axis=1)[sounding].sum()
            count[place] += sounding.sum()
    return HOP_S * lags.astype(float), total / np.maximum(count, 1)


def share_returning(phrase: Phrase) -> float:
    """Share of the melody's patterns of `PATTERN_NOTES` notes that stand again, in any key and tempo, at least
    `APART_S` later or earlier."""
    feature = skyline(phrase)
    count = len(feature.pitch) - PATTERN_NOTES + 1
    if count <= 0:
        return 0.0
    intervals = np.lib.stride_tricks.sliding_window_view(np.diff(feature.pitch), PATTERN_NOTES - 1)
    rhythms = np.lib.stride_tricks.sliding_window_view(feature.rhythm[2:], PATTERN_NOTES - 2)
    places: dict[tuple[int, ...], list[float]] = {}
    for index in range(count):
        pattern = (*intervals[index].tolist(), *rhythms[index].tolist())
        places.setdefault(pattern, []).append(feature.onset_s[index])
    again = [sum(max(abs(a - b) for b in at_s) >= APART_S for a in at_s) for at_s in places.values()]
    return sum(again) / count


def _chroma(phrase: Phrase) -> NDArray[np.float64]:
    """[windows x 12] Time each pitch class sounds in overlapping windows, of length 1 or 0."""
    hops = max(1, int(np.ceil(phrase.length_s / HOP_S)))
    sounding = np.zeros((hops, 12))
    for note in phrase.notes:
        first, last = int(note.onset_s / HOP_S), min(int(note.end_s / HOP_S), hops - 1)
        for hop in range(first, last + 1):
            overlap_s = min(note.end_s, (hop + 1) * HOP_S) - max(note.onset_s, hop * HOP_S)
            sounding[hop, note.pitch % 12] += max(0.0, overlap_s)
    width = int(WINDOW_S / HOP_S)
    summed = np.array([sounding[i : i + width].sum(axis=0) for i in range(max(1, hops - width + 1))])
    return summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-9)

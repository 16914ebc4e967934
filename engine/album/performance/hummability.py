"""How well a melody can be hummed after one hearing: a number from its notes.

What makes tunes easy to remember is taken from Jakubowski, Finkel, Stewart and Müllensiefen 2017, "Dissecting an
Earworm" (Psychology of Aesthetics, Creativity, and the Arts 11): common contours, small steps, returning figures. From
what a voice can do: an octave or a little more in the middle of the keyboard, notes long enough to be sung, a close on
the tonic chord.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Final

from engine.music.notes import Note
from engine.music.scale import Scale

FEWEST: Final = 6
MOST: Final = 12
LOWEST: Final = 60
HIGHEST: Final = 84
"""C4 to C6."""
WIDEST: Final = 16
"""Semitones between the lowest and the highest note."""
WIDEST_LEAP: Final = 12
SHORTEST_S: Final = 3.5
LONGEST_S: Final = 11.0
QUICKEST_S: Final = 0.17
SLOWEST_S: Final = 2.4
"""Waits between notes that can be sung as one line."""
EVEN: Final = 0.2
"""Worth of notes that are all of one length; two lengths are worth 0.7, and each more 0.3 less."""
PER_NOTE: Final = 0.06
"""Worth of each note beyond the fewest: a longer tune is more of one."""
NOT: Final = -math.inf


def hummability(melody: Sequence[Note], scale: Scale) -> float:
    """0..6, more is easier; `NOT` for what is no tune at all (see the limits above)."""
    if not FEWEST <= len(melody) <= MOST:
        return NOT
    pitches = [note.pitch for note in melody]
    waits_s = [b.onset_s - a.onset_s for a, b in itertools.pairwise(melody)]
    length_s = melody[-1].onset_s - melody[0].onset_s
    leaps = [abs(b - a) for a, b in itertools.pairwise(pitches)]
    singable = min(pitches) >= LOWEST and max(pitches) <= HIGHEST and max(pitches) - min(pitches) <= WIDEST
    in_time = SHORTEST_S <= length_s <= LONGEST_S and min(waits_s) >= QUICKEST_S and max(waits_s) <= SLOWEST_S
    if not singable or not in_time or max(leaps) > WIDEST_LEAP or len(set(pitches)) < 4:
        return NOT
    shape = _steps(leaps) + _contour(pitches) + _cadence(melody, scale) + PER_NOTE * (len(melody) - FEWEST)
    return shape + _rhythm(waits_s) + _figures(pitches, waits_s)


def _steps(leaps: Sequence[int]) -> float:
    """Share of seconds and thirds, less for standing still and for every leap beyond a fifth."""
    narrow = sum(0 < leap <= 4 for leap in leaps) / len(leaps)
    return (
        narrow
        - 0.25 * sum(leap > 7 for leap in leaps)
        - 0.5 * max(0.0, sum(leap == 0 for leap in leaps) / len(leaps) - 0.3)
    )


def _contour(pitches: Sequence[int]) -> float:
    """One peak that is not at the ends, few turns, and an end that lies below it."""
    turns = [b - a for a, b in itertools.pairwise(pitches) if b != a]
    changes = sum((a > 0) != (b > 0) for a, b in itertools.pairwise(turns))
    peak = pitches.index(max(pitches)) / (len(pitches) - 1)
    arch = 0.5 if 0.15 <= peak <= 0.8 and pitches.count(max(pitches)) <= 2 else 0.0
    return (
        arch + 0.5 * (1.0 - min(changes / max(len(turns) - 1, 1), 1.0)) - (0.3 if pitches[-1] == max(pitches) else 0.0)
    )


def _cadence(melody: Sequence[Note], scale: Scale) -> float:
    """An end on the tonic, else on its fifth or third, and longer than what came before."""
    degree = (melody[-1].pitch - scale.root) % 12
    home = 1.0 if degree == 0 else 0.6 if degree == 7 else 0.5 if degree in (3, 4) else 0.0
    waits_s = [b.onset_s - a.onset_s for a, b in itertools.pairwise(melody)]
    longer = melody[-1].duration_s >= 1.2 * statistics.median(waits_s)
    return home + 0.4 * longer


def _rhythm(waits_s: Sequence[float]) -> float:
    """Few kinds of waits, in whole ratios."""
    kinds = len(set(_kinds(waits_s)))
    return EVEN if kinds == 1 else max(1.3 - 0.3 * kinds, 0.0)


def _kinds(waits_s: Sequence[float]) -> list[int]:
    """Classes of waits beside their median, half an octave wide."""
    middle = statistics.median(waits_s)
    return [round(2 * math.log2(max(wait_s, 1e-3) / middle)) for wait_s in waits_s]


def _figures(pitches: Sequence[int], waits_s: Sequence[float]) -> float:
    """Share of the melody's figures (two waits; two steps by direction and kind) that come again."""
    rhythm = list(itertools.pairwise(_kinds(waits_s)))
    steps = [(b > a) - (b < a) + 3 * (abs(b - a) > 4) * ((b > a) - (b < a)) for a, b in itertools.pairwise(pitches)]
    return 0.6 * _again(rhythm) + 0.6 * _again(list(itertools.pairwise(steps)))


def _again(figures: Sequence[tuple[int, int]]) -> float:
    counts = Counter(figures)
    return sum(counts[figure] > 1 for figure in figures) / max(len(figures), 1)

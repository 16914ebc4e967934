"""How long a phrase quotes its training material: equal pitch intervals in an equal rhythm, in any key and tempo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.notes import Phrase

LONGEST_MEASURED_NOTES = 128
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)


def _tokens(phrase: Phrase) -> NDArray[np.uint64]:
    """One number for each step from a note to the next: its interval, and how its wait compares with the last one.

    Waits are compared as ratios in half-octave classes, so that neither tempo nor rubato hides a quotation; waits
    under 30 ms are one class, being a chord.
    """
    if len(phrase.notes) < 3:
        return np.zeros(0, np.uint64)
    pitch = np.array([n.pitch for n in phrase.notes])
    waits_s = np.diff([n.onset_s for n in phrase.notes])
    together = waits_s < 0.03
    ratio = np.log2(np.maximum(waits_s[1:], 0.03) / np.maximum(waits_s[:-1], 0.03))
    rhythm = np.where(together[1:], 100, np.clip(np.rint(ratio * 2), -8, 8))
    return ((np.diff(pitch)[1:] + 200) * 256 + rhythm + 20).astype(np.uint64)


def _windows(tokens: NDArray[np.uint64], length: int) -> NDArray[np.uint64]:
    """A hash of every run of `length` tokens."""
    if len(tokens) < length:
        return np.zeros(0, np.uint64)
    mixed = np.zeros(len(tokens) - length + 1, np.uint64)
    for offset in range(length):
        mixed = (mixed * _PRIME) ^ (tokens[offset : offset + len(mixed)] * _MIX)
    return mixed


class Quotations:
    """Looks phrases up in a training set."""

    def __init__(self, pieces: Sequence[Phrase]) -> None:
        self._pieces = [_tokens(piece) for piece in pieces]
        self._known: dict[int, NDArray[np.uint64]] = {}

    def longest_run_notes(self, phrase: Phrase) -> int:
        """Notes of the longest stretch of `phrase` that stands in the training set; 0 if not even three do."""
        tokens = _tokens(phrase)
        low, high = 0, min(len(tokens), LONGEST_MEASURED_NOTES)
        while low < high:  # a run of n tokens contains runs of every shorter length
            middle = (low + high + 1) // 2
            if _any_in(_windows(tokens, middle), self._runs(middle)):
                low = middle
            else:
                high = middle - 1
        return low + 2 if low else 0

    def _runs(self, length: int) -> NDArray[np.uint64]:
        if length not in self._known:
            hashes = [_windows(tokens, length) for tokens in self._pieces]
            self._known[length] = np.unique(np.concatenate(hashes)) if hashes else np.zeros(0, np.uint64)
        return self._known[length]


def _any_in(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> bool:
    """Whether one of `hashes` is among the sorted `known`."""
    if not len(known):
        return False
    place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    return bool((known[place] == hashes).any())

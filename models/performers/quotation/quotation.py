"""How long a phrase quotes its training material, and an index of that material small enough to ship.

Every run of `WINDOW_NOTES` notes of the training set, of all its notes or of its skyline (`melodic_features`), is kept
as a hash. A phrase whose runs stand in the index one after another quotes as many notes as they span. The index holds
sorted hashes as gaps of mostly one byte, so fifty hours of piano take two megabytes. The price: one foreign run in 120
is taken for known, so a note too many is counted now and then. A false quotation of ten notes (three such runs in a
row) is one in two million.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.music.notes import Phrase
from models.performers.quotation.melodic_features import MelodicFeature, all_notes, skyline

WINDOW_NOTES: Final = 8
MEAN_GAP: Final = 120
LONGEST_GAP: Final = 255
FILE_NAME: Final = "quotations.safetensors"
VERSION: Final = "1"
"""Changes whenever hashes do, so that an old index is not silently searched for what it cannot hold."""

Hashes = NDArray[np.uint64]
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SALTS: Final = (np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344))


class Quotations:
    """The runs of a training set; the music itself cannot be read back out of them."""

    def __init__(self, known: Hashes, universe: int, notes: int = 0) -> None:
        """`known` are the sorted, different hashes below `universe`; `notes` how many notes they were taken from."""
        kind = (
            np.uint32 if universe <= 1 << 32 else np.uint64
        )  # half a million hashes lie in memory as long as it plays
        self._known, self.universe, self.notes = known.astype(kind), universe, notes

    @classmethod
    def of(cls, pieces: Iterable[Phrase]) -> Quotations:
        """The index of a training set."""
        parts = [(_runs(piece), len(piece.notes)) for piece in pieces]
        runs = np.unique(np.concatenate([np.zeros(0, np.uint64), *(part for part, _ in parts)]))
        universe = max(1, len(runs)) * MEAN_GAP
        return cls(np.unique(runs % np.uint64(universe)), universe, sum(notes for _, notes in parts))

    def __len__(self) -> int:
        return len(self._known)

    def longest_run_notes(self, phrase: Phrase) -> int:
        """Notes of the longest stretch of `phrase`, all notes or the skyline, that stands in the training set.

        0 when there is none of at least `WINDOW_NOTES`.
        """
        return max(self._longest(hashes) for hashes in _feature_hashes(phrase))

    def _longest(self, hashes: Hashes) -> int:
        longest = run = 0
        for known in self._contains(hashes):
            run = run + 1 if known else 0
            longest = max(longest, run)
        return longest + WINDOW_NOTES - 1 if longest else 0

    def _contains(self, hashes: Hashes) -> NDArray[np.bool_]:
        if not len(self._known):
            return np.zeros(len(hashes), bool)
        reduced = (hashes % np.uint64(self.universe)).astype(self._known.dtype)
        place = np.minimum(np.searchsorted(self._known, reduced), len(self._known) - 1)
        found: NDArray[np.bool_] = self._known[place] == reduced
        return found

    def save(self, path: Path) -> None:
        """Writes the index, under a temporary name first."""
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"quotations": VERSION, "universe": str(self.universe), "notes": str(self.notes)}
        temporary = path.with_suffix(".partial")
        save_file({"gaps": _as_gaps(self._known.astype(np.uint64))}, temporary, about)
        os.replace(temporary, path)

    @classmethod
    def beside(cls, weights: Path) -> Quotations | None:
        """The index that belongs to a file of weights, None where it was never written; raises as `load` does."""
        path = weights.parent / FILE_NAME
        return cls.load(path) if path.exists() else None

    @classmethod
    def load(cls, path: Path) -> Quotations:
        """
        Raises:
            WeightsError: missing, damaged, or of another version.
        """
        try:
            with safe_open(path, "numpy") as file:
                about = dict(file.metadata() or {})
                gaps = file.get_tensor("gaps")
            if about.get("quotations") != VERSION:
                raise WeightsError(f"{path}: an index of another version; write it anew with `models card`")
            return cls(_from_gaps(gaps), int(about["universe"]), int(about["notes"]))
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            raise WeightsError(f"{path}: damaged ({error}); write it anew with `models card`") from error


def _runs(piece: Phrase) -> Hashes:
    return np.concatenate(_feature_hashes(piece))


def _feature_hashes(phrase: Phrase) -> Sequence[Hashes]:
    return [_windows(feature, salt) for feature, salt in zip((all_notes(phrase), skyline(phrase)), _SALTS, strict=True)]


def _windows(feature: MelodicFeature, salt: np.uint64) -> Hashes:
    """A hash of every run of `WINDOW_NOTES` notes: its intervals, and its waits but the first.

    The first wait of a run is compared with one outside it, so it does not count.
    """
    count = len(feature.pitch) - WINDOW_NOTES + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    interval = _mixed(np.diff(feature.pitch, prepend=0).astype(np.uint64))
    rhythm = _mixed((feature.rhythm + 1000).astype(np.uint64) ^ salt)
    unknown = _mixed(np.array([999], np.uint64) ^ salt)[0]
    waits = feature.waits
    total = np.zeros(count, np.uint64)
    waited = np.zeros(count, bool)
    for offset in range(1, WINDOW_NOTES):
        here = slice(offset, offset + count)
        first = waits[here] & ~waited
        waited |= waits[here]
        total = total * _BASE + (interval[here] ^ np.where(first, unknown, rhythm[here]))
    return _mixed(total ^ salt)


def _mixed(values: Hashes) -> Hashes:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): every bit of the result hangs on every bit given."""
    mixed = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _as_gaps(known: Hashes) -> NDArray[np.uint8]:
    """Differences of sorted numbers, one byte each; a wider one is preceded by as many 255s as it needs."""
    gaps = np.diff(known, prepend=np.uint64(0)).astype(np.int64)
    wide = gaps // LONGEST_GAP
    written = np.full(int((wide + 1).sum()), LONGEST_GAP, np.uint8)
    written[np.cumsum(wide + 1) - 1] = gaps % LONGEST_GAP
    return written


def _from_gaps(written: NDArray[np.uint8]) -> Hashes:
    return np.cumsum(written, dtype=np.uint64)[written < LONGEST_GAP]

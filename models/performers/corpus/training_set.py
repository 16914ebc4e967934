"""From folders of MIDI to what a performer learns: the split, touch for deadpan scores, how often each is taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import MidiError
from engine.music.notes import Phrase
from models.performers.corpus.held_out import split
from models.performers.corpus.midi_corpus import Performance, Skipped, read_corpus
from models.performers.corpus.touch import Touch, is_deadpan, with_touch

RENDERINGS = 24
"""A deadpan score is learnt from this many different renderings of it."""

CALM_NOTES_PER_S = 9.0
"""Playing this busy is taken as often as any; calmer playing up to twice as often, busier less."""


@dataclass
class TrainingSet:
    """`pieces[i]` is taken in proportion to `weights[i]`; `held_out` is never learnt from."""

    pieces: list[Phrase] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    held_out: list[Phrase] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    files: int = 0


def training_set(folders: Sequence[Path], shares: Sequence[float], seed: int, keep_out: bool = True) -> TrainingSet:
    """Reads folders; `shares[i]` is how much of the training comes from `folders[i]`.

    Args:
        keep_out: hold some pieces out for evaluation. Without, everything is learnt, and losses are those of
            the training material itself.

    Raises:
        MidiError: a folder is missing or has nothing usable; not as many shares as folders, or not above 0.
    """
    check_shares(shares, len(folders))
    together = TrainingSet()
    for folder, share in zip(folders, shares, strict=True):
        performances, skipped = read_corpus(folder)
        learnt, held_out = split(performances) if keep_out else (performances, performances)
        _add(together, learnt, share, seed)
        together.held_out += [rendered(p.phrase, 1, seed + 7)[0] for p in held_out]
        together.skipped += skipped
        together.remarks += [remark for p in performances for remark in p.remarks]
        together.files += len(performances)
    return together


def check_shares(shares: Sequence[float], corpora: int) -> None:
    """Raises `MidiError` where there are not as many as corpora, or one is not a number above 0."""
    if len(shares) != corpora or not all(0 < share < math.inf for share in shares):
        given = ", ".join(f"{share:g}" for share in shares)
        raise MidiError(f"shares {given}: expected one above 0 for each corpus, of which there are {corpora}")


def _add(together: TrainingSet, learnt: Sequence[Performance], share: float, seed: int) -> None:
    pieces = [rendered(p.phrase, RENDERINGS, seed + index) for index, p in enumerate(learnt)]
    weights = [calm_weight(p.phrase) / len(versions) for p, versions in zip(learnt, pieces, strict=True)]
    total = sum(weight * len(versions) for weight, versions in zip(weights, pieces, strict=True))
    for versions, weight in zip(pieces, weights, strict=True):
        together.pieces += versions
        together.weights += [share * weight / total] * len(versions)


def rendered(phrase: Phrase, versions: int, seed: int) -> list[Phrase]:
    """The performance itself, or, if it is a deadpan score, `versions` renderings with a pianist's touch."""
    if not is_deadpan(phrase):
        return [phrase]
    return [with_touch(phrase, Touch(), seed * 1009 + version) for version in range(versions)]


def calm_weight(phrase: Phrase) -> float:
    """How often a piece is taken: long ones a little more, calm ones more, since a room wants calm."""
    notes_per_s = len(phrase.notes) / max(1.0, phrase.length_s)
    return len(phrase.notes) ** 0.5 * min(2.0, max(0.4, CALM_NOTES_PER_S / max(notes_per_s, 0.1)))

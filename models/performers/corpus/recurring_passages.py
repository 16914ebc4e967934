"""Playing made to return: passages of real pieces, heard again at once or later, exactly or varied.

Real playing returns too seldom within a network's memory, and never note by note, for a network to learn soon that
looking back pays. A few hundred windows of this teach it (Olsson et al. 2022, "In-context Learning and Induction
Heads", arXiv 2209.11895).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Phrase
from models.performers.vocabulary.events import START, STEP_S, events_of_messages, messages

Steps = NDArray[np.int64]

SHORTEST_S: Final = 2.5
LONGEST_S: Final = 20.0
LEAST_NOTES: Final = 5
MOST_NOTES: Final = 220
"""A busy passage is cut here, so that it fits into a network's memory twice."""

ELSEWHERE: Final = 0.25
"""Chance that a new passage is of another piece."""

EXACTLY: Final = 0.5
TRANSPOSED: Final = 0.15
"""Chances that a passage returns note by note, and that, otherwise or not, it returns in another key."""

JITTER_STEPS: Final = 1.5
DROPPED: Final = 0.05


@dataclass(frozen=True)
class Passage:
    """Notes [N] and pedal [P] in steps of 10 ms from the passage's beginning, which lasts `length` steps."""

    on: Steps
    off: Steps
    pitch: Steps
    velocity: Steps
    down: Steps
    up: Steps
    length: int


def whole(piece: Phrase, transpose: int = 0, stretch: float = 1.0) -> Passage:
    """A piece as one passage."""
    unit = stretch / STEP_S
    notes = np.array([(n.onset_s * unit, n.end_s * unit, n.pitch, n.velocity) for n in piece.notes]).reshape(-1, 4)
    pedal = np.rint(np.array([(p.start_s, p.end_s) for p in piece.pedal]).reshape(-1, 2) * unit).astype(np.int64)
    on, off, pitch, velocity = np.rint(notes).astype(np.int64).T
    pitch = pitch + transpose
    inside = (pitch >= 0) & (pitch <= 127)
    off = np.maximum(off, on + 1)
    length = int(max(off.max(initial=0), pedal.max(initial=0)))
    return Passage(on[inside], off[inside], pitch[inside], velocity[inside], pedal[:, 0], pedal[:, 1], length)


def cut(piece: Passage, start: int, length: int, ring: bool) -> Passage:
    """The notes that begin within a stretch of a piece. They `ring` on, and so long the passage lasts, or end there."""
    first, last = np.searchsorted(piece.on, (start, start + length))
    chosen = slice(first, min(last, first + MOST_NOTES))
    on = piece.on[chosen] - start
    if last > first + MOST_NOTES:
        length = int(piece.on[first + MOST_NOTES]) - start
    off = piece.off[chosen] - start
    length = max(length, int(off.max(initial=0))) if ring else length
    off = np.maximum(np.minimum(off, length), on + 1)
    down, up = np.clip(piece.down - start, 0, length), np.clip(piece.up - start, 0, length)
    held = up > down
    return Passage(on, off, piece.pitch[chosen], piece.velocity[chosen], down[held], up[held], length)


def varied(passage: Passage, rng: np.random.Generator) -> Passage:
    """The passage played another time: other tempo, touch and, now and then, without a note."""
    tempo = float(np.exp(rng.uniform(-0.08, 0.08)))
    count = len(passage.on)
    kept = rng.random(count) >= rng.random() * 2 * DROPPED
    on = np.maximum(0, np.rint(passage.on * tempo + rng.normal(0.0, JITTER_STEPS, count))).astype(np.int64)
    length = np.rint((passage.off - passage.on) * tempo * np.exp(rng.normal(0.0, 0.15, count))).astype(np.int64)
    off = on + np.maximum(2, length)
    louder = rng.normal(0.0, 5.0) + rng.normal(0.0, 3.0, count)
    velocity = np.clip(np.rint(passage.velocity + louder), 1, 127).astype(np.int64)
    down, up = (np.rint(edge * tempo).astype(np.int64) for edge in (passage.down, passage.up))
    ends = int(np.rint(passage.length * tempo))
    order = np.argsort(on[kept], kind="stable")
    on, off, pitch, velocity = (
        part[kept][order] for part in (on, np.minimum(off, max(ends, 1)), passage.pitch, velocity)
    )
    return Passage(on, off, pitch, velocity, down, up, max(ends, int(on.max(initial=0)) + 2))


def transposed(passage: Passage, semitones: int) -> Passage:
    """The passage in another key; as it is where that would leave the keyboard."""
    pitch = passage.pitch + semitones
    return replace(passage, pitch=pitch) if len(pitch) and pitch.min() >= 21 and pitch.max() <= 108 else passage


def recurring(pieces: Sequence[Passage], count: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """`count` events after a start mark: passages of the first piece, now and then of others, that return.

    Args:
        pieces: each as one passage; those after the first are taken `ELSEWHERE`.
    """
    heard: list[Passage] = []
    played: list[Passage] = []
    at = int(rng.integers(max(1, pieces[0].length - round(LONGEST_S / STEP_S))))
    ring, notes = bool(rng.random() < 0.5), 0
    new = rng.uniform(0.3, 0.7)
    while notes * 2.2 < count:
        if not heard or rng.random() < new:
            passage, at = _new_passage(pieces, at, ring, rng)
            heard.append(passage)
        else:
            passage = heard[-1] if rng.random() < 0.5 else heard[int(rng.integers(len(heard)))]
            passage = _again(passage, rng)
        played.append(passage)
        notes += max(1, len(passage.on))
    events = np.concatenate([[START], _joined(played)]).astype(np.int16)
    return events[: count + 1]


def _new_passage(pieces: Sequence[Passage], at: int, ring: bool, rng: np.random.Generator) -> tuple[Passage, int]:
    """What the first piece goes on with, or a stretch of another; and where the first piece is then."""
    length = int(np.exp(rng.uniform(np.log(SHORTEST_S), np.log(LONGEST_S))) / STEP_S)
    if len(pieces) > 1 and rng.random() < ELSEWHERE:
        other = pieces[int(rng.integers(1, len(pieces)))]
        return cut(other, int(rng.integers(max(1, other.length - length))), length, ring), at
    piece = pieces[0]
    following = int(np.searchsorted(piece.on, at))
    if following + LEAST_NOTES >= len(piece.on):
        at, following = 0, 0
    start = int(piece.on[following])
    fifth = int(piece.on[min(following + LEAST_NOTES, len(piece.on) - 1)])
    length = max(length, fifth - start)
    return cut(piece, start, length, ring), start + length


def _again(passage: Passage, rng: np.random.Generator) -> Passage:
    if rng.random() < TRANSPOSED:
        passage = transposed(passage, int(rng.integers(-7, 8)))
    return passage if rng.random() < EXACTLY else varied(passage, rng)


def _joined(passages: Sequence[Passage]) -> NDArray[np.int16]:
    """Events of passages one after the other."""
    starts = np.cumsum([0, *(p.length for p in passages)])[:-1]
    parts = [
        messages(p.on + s, p.off + s, p.pitch, p.velocity, p.down + s, p.up + s)
        for p, s in zip(passages, starts, strict=True)
    ]
    return events_of_messages(*(np.concatenate(part) for part in zip(*parts, strict=True)))

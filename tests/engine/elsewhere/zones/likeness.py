"""How like its zone a client plays, second by second, and where in the music it is."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.engine.elsewhere.playing_room import place_of

GOOD: Final = 0.999
SECOND: Final = 48_000
SLACKS: Final = (24_000, 240_000)
"""Frames around where a second is expected, and around that where it is not found there."""
TENTH: Final = 4_800
CORRECTED: Final = 480
"""Frames by which a client may be elsewhere in a tenth than in the second around it."""

Sound = NDArray[np.float32]
Second = tuple[int, int, float]
"""Its first frame, its place in the music, and the least correlation of a side."""


def along(heard: Sound, whole: Sound) -> list[Second]:
    """Each second of `heard` beside `whole`, both [frames, channels]."""
    found: list[Second] = []
    expected: int | None = None
    for at in range(0, len(heard) - SECOND + 1, SECOND):
        part = heard[at : at + SECOND]
        place, like = _alike(part, whole, expected, SLACKS[0])
        if like < 0.9 and expected is not None:
            place, like = _alike(part, whole, expected, SLACKS[1])
        found.append((at, place, like))
        expected = place + SECOND
    return found


def likeness(found: list[Second]) -> float:
    """Of the second in the middle: on a machine without a sound card that is too busy, Pd is late and so is left out or
    played twice, and a client that is starved leaves out more."""
    return float(np.median([like for _, _, like in found]))


def _alike(part: Sound, whole: Sound, expected: int | None, slack: int) -> tuple[int, float]:
    begin, end = (0, len(whole)) if expected is None else (max(0, expected - slack), expected + SECOND + slack)
    near = whole[begin:end]
    if len(near) < len(part) or not part[:, 0].any():
        return expected or 0, 0.0
    place = begin + place_of(part[:, 0], near[:, 0])
    played = _as_corrected(part, whole, place)
    return place, float(min(np.corrcoef(part[:, n], played[:, n])[0, 1] for n in range(part.shape[1])))


def _as_corrected(part: Sound, whole: Sound, place: int) -> Sound:
    """`whole` from `place` on, each tenth laid where `part` is most like it.

    A client leaves out or repeats single frames to stay in step, dozens in a second where the machine is busy.
    """
    tenths = []
    for at in range(0, len(part), TENTH):
        begin = max(0, place + at - CORRECTED)
        near = whole[begin : place + at + TENTH + CORRECTED]
        first = place_of(part[at : at + TENTH, 0], near[:, 0])
        tenths.append(near[first : first + TENTH])
    return np.concatenate(tenths)

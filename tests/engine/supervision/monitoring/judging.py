"""What Pd would report of a sound, and what the judge says to it; faults as they would be reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.signal import lfilter

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_S
from engine.supervision.monitoring.audible import AudibleJudge

WINDOW_FRAMES: Final = 16_384
WINDOW_S: Final = WINDOW_FRAMES / SAMPLE_RATE_HZ
LOWEST_DB: Final = -100.0


def levels(audio: np.ndarray, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(left, right, standing part) in dB of one window float[WINDOW_FRAMES, 2], as `output-watch~.pd` has them; `state`
    is that of its filter, zeros [1, 2] at first."""
    pull = 2 * np.pi / SAMPLE_RATE_HZ  # lop~ 1
    standing, state = lfilter([pull], [1, pull - 1], audio, axis=0, zi=state)
    window = np.hanning(WINDOW_FRAMES)[:, None]
    power = (np.square(np.hstack([audio, standing])) * window).sum(axis=0) / window.sum()
    left, right, *dc = np.maximum(10 * np.log10(power + 1e-30), LOWEST_DB)
    return np.array([left, right, max(dc)]), state


def rows_of(windows: Iterable[np.ndarray]) -> np.ndarray:
    """Levels [n, 3] of windows float[WINDOW_FRAMES, 2] that follow each other."""
    state, rows = np.zeros((1, 2)), []
    for window in windows:
        row, state = levels(window, state)
        rows.append(row)
    return np.array(rows)


@dataclass
class Said:
    """All that Pd and the renderer report in one window."""

    count: int
    left_db: float
    right_db: float
    dc_db: float
    reel: bool = True
    """Whether reels begin when they should."""
    lead_reels: float = 5.0
    hold: bool = False
    refuses: bool = False
    """Whether the room refuses the reel that should begin."""


def _levels(said: Said, left_db: float, right_db: float, dc_db: float) -> None:
    said.left_db, said.right_db, said.dc_db = left_db, right_db, dc_db


def _sum_db(one_db: float, other_db: float) -> float:
    return float(10 * np.log10(10 ** (one_db / 10) + 10 ** (other_db / 10)))


def _holds(said: Said, lead_reels: float) -> None:
    said.reel, said.hold, said.lead_reels = False, True, lead_reels


def _refuses(said: Said) -> None:
    said.reel, said.hold, said.refuses = False, True, True


FAULTS: Final[Mapping[str, Callable[[Said, Said], None]]] = {
    "silence": lambda said, _: _levels(said, -100.0, -100.0, -100.0),
    "loud": lambda said, _: _levels(said, -5.0, -5.0, -70.0),
    "dc": lambda said, _: _levels(said, _sum_db(said.left_db, -25.0), said.right_db, _sum_db(said.dc_db, -25.0)),
    "stuck": lambda said, _: _levels(said, -40.0, -40.0, -40.0),
    "frozen": lambda said, first: setattr(said, "count", first.count),
    "same level": lambda said, first: _levels(said, first.left_db, first.right_db, first.dc_db),
    "deck": lambda said, _: setattr(said, "reel", False),
    "refused": lambda said, _: _refuses(said),
    "held": lambda said, _: _holds(said, 5.0),
    "barren": lambda said, _: _holds(said, 0.0),
}
"""What a fault makes of what is said, given what was said as it began; by the check that should find it."""


def alarms(rows: np.ndarray, fault: str = "", begin: int = 0, change_db: float = 0.0) -> list[tuple[float, str]]:
    """(second, check) of every alarm while rows [n, 3] of left, right and standing part in dB are played.

    From window `begin` on there is `fault`; `change_db` turns the whole up or down.
    """
    judge, found, reel_s, first = AudibleJudge(), [], 0.0, None
    for number, row in enumerate(np.maximum(rows + change_db, LOWEST_DB)):
        now_s = number * WINDOW_S
        said = Said(number % 1_000_000, *row)
        if fault and number >= begin:
            first = first or Said(number % 1_000_000, *row)
            FAULTS[fault](said, first)
        judge.hold(said.hold)
        while reel_s <= now_s:
            if said.reel:
                judge.reel(reel_s)
            if said.refuses:
                judge.refused(reel_s)
            judge.lead(said.lead_reels, reel_s)
            reel_s += REEL_S
        judge.output(float(said.count), said.left_db, said.right_db, said.dc_db, now_s)
        found += [(now_s, name) for name in judge.failing]
    return found

"""No false alarm in an hour of the quietest mood, as it is and quieter still; every check fires all the same.

The levels are those of a real rendering: see `make_quietest_hour.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.reel_format import REEL_S
from engine.watch.audible import AudibleJudge

FILE = Path(__file__).with_name("quietest_hour.npz")
WINDOW_S = 16_384 / 48_000


def alarms(rows: np.ndarray, change_db: float = 0.0) -> list[tuple[float, str]]:
    """(second, check) of every alarm while rows [n, 3] of left, right and standing part in dB are played."""
    judge, found, reel_s = AudibleJudge(), [], 0.0
    for number, (left_db, right_db, dc_db) in enumerate(rows + change_db):
        now_s = number * WINDOW_S
        while reel_s <= now_s:
            judge.reel(reel_s)
            judge.lead(5.0, reel_s)
            reel_s += REEL_S
        judge.output(float(number % 1_000_000), max(left_db, -100.0), max(right_db, -100.0), max(dc_db, -100.0), now_s)
        found += [(now_s, name) for name in judge.failing]
    return found


@pytest.fixture(scope="module")
def hour() -> np.ndarray:
    return np.load(FILE)["hundredths_db"].astype(float) / 100.0


def test_it_is_an_hour(hour: np.ndarray) -> None:
    assert len(hour) * WINDOW_S >= 3600.0
    assert np.median(hour[:, :2]) < -24.0


@pytest.mark.parametrize("change_db", [0.0, -20.0, -40.0, 6.0])
def test_an_hour_of_the_quietest_mood_raises_no_alarm(hour: np.ndarray, change_db: float) -> None:
    """Nor with the room's level turned down by 40 dB, nor in a louder mood."""
    assert alarms(hour, change_db) == []


def test_an_hour_with_long_rests_raises_no_alarm(hour: np.ndarray) -> None:
    """Every rest the longest there can be, eight seconds, without any reverberation in it."""
    rests = hour.copy()
    windows = round(8.0 / WINDOW_S)
    for start in range(100, len(rests) - windows, 90):
        rests[start : start + windows] = -100.0
    assert alarms(rests) == []


@pytest.mark.parametrize(
    ("check", "row"),
    [("silence", (-100.0, -100.0, -100.0)), ("stuck", (-40.0, -40.0, -40.0)), ("loud", (-5.0, -5.0, -70.0))],
)
def test_in_the_same_hour_a_fault_is_found_within_its_time(
    hour: np.ndarray, check: str, row: tuple[float, float, float]
) -> None:
    spoilt = hour.copy()
    begin = len(spoilt) // 2
    spoilt[begin : begin + 60] = row
    found = alarms(spoilt)
    assert {name for _, name in found} == {check}
    assert 0 < found[0][0] - begin * WINDOW_S < 13.0

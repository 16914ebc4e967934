"""No false alarm in an hour of the quietest mood, as it is and quieter still; every check fires all the same.

The levels are those of a real rendering: see `make_quietest_hour.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.supervision.monitoring.audible import CHECKS
from tests.engine.supervision.monitoring.judging import WINDOW_S, alarms

FILE = Path(__file__).with_name("quietest_hour.npz")


@pytest.fixture(scope="module")
def hour() -> np.ndarray:
    return np.load(FILE)["hundredths_db"].astype(float) / 100.0


def test_it_is_an_hour(hour: np.ndarray) -> None:
    assert len(hour) * WINDOW_S >= 3600.0
    assert np.median(hour[:, :2]) < -24.0


@pytest.mark.parametrize("change_db", [0.0, -20.0, -40.0, 6.0])
def test_an_hour_of_the_quietest_mood_raises_no_alarm(hour: np.ndarray, change_db: float) -> None:
    """Nor with the room's level turned down by 40 dB, nor in a louder mood."""
    assert alarms(hour, change_db=change_db) == []


def test_an_hour_with_long_rests_raises_no_alarm(hour: np.ndarray) -> None:
    """Every rest the longest there can be, eight seconds, without any reverberation in it."""
    rests = hour.copy()
    windows = round(8.0 / WINDOW_S)
    for start in range(100, len(rests) - windows, 90):
        rests[start : start + windows] = -100.0
    assert alarms(rests) == []


@pytest.mark.parametrize("check", CHECKS)
def test_in_the_same_hour_a_fault_is_found_within_its_time(hour: np.ndarray, check: str) -> None:
    """Others may be found with it: one value that stands still is also the same level for long."""
    around = hour[len(hour) // 2 : len(hour) // 2 + 200]
    begin = 60
    found = [second for second, name in alarms(around, check, begin) if name == check]
    assert 0 < found[0] - begin * WINDOW_S < 32.0
    assert alarms(around[:begin], check, begin) == []

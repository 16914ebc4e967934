"""Loudness range as EBU Tech 3342 wants it of its own test signals, and loudness over time."""

from __future__ import annotations

import numpy as np
import pytest

from engine.album.measurement.loudness_over_time import loudness_curve, loudness_range_lu

RATE_HZ = 48_000


def tone(level_dbfs: float, length_s: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """A sine of 1 kHz on both channels whose peaks reach `level_dbfs`."""
    one = 10 ** (level_dbfs / 20) * np.sin(2 * np.pi * 1000 * np.arange(round(length_s * rate_hz)) / rate_hz)
    return np.stack([one, one], axis=1).astype(np.float32)


@pytest.mark.parametrize(("levels_dbfs", "range_lu"), [((-20, -30), 10.0), ((-20, -15), 5.0), ((-40, -20), 20.0)])
def test_the_first_three_signals_of_tech_3342_have_their_range(levels_dbfs: tuple[int, int], range_lu: float) -> None:
    sound = np.concatenate([tone(level, 20.0) for level in levels_dbfs])
    assert loudness_range_lu(sound, RATE_HZ) == pytest.approx(range_lu, abs=1.0)


def test_what_never_changes_has_no_range_and_silence_and_a_moment_have_none() -> None:
    assert loudness_range_lu(tone(-20, 20.0), RATE_HZ) == pytest.approx(0.0, abs=1.0)
    assert loudness_range_lu(0 * tone(0, 10.0), RATE_HZ) == 0.0
    assert loudness_range_lu(tone(-20, 1.0), RATE_HZ) == 0.0


def test_loudness_over_time_is_where_it_happens() -> None:
    sound = np.concatenate([tone(-43, 6.0), tone(-23, 6.0)])
    times_s, lufs = loudness_curve(sound, RATE_HZ, 3.0)
    assert lufs[np.abs(times_s - 3.0).argmin()] == pytest.approx(-43.0, abs=0.2)
    assert lufs[np.abs(times_s - 9.0).argmin()] == pytest.approx(-23.0, abs=0.2)
    assert times_s[-1] == pytest.approx(12.0, abs=0.11)

"""Growth is told from what moods need."""

from __future__ import annotations

import numpy as np
import pytest

from tests.soak.growth import Growth, growth

MOODS = ("night", "airport", "rhodes")
NEEDS_MB = {"night": 300.0, "airport": 340.0, "rhodes": 280.0}
TIME_S = [float(second) for second in range(0, 4 * 3600, 30)]
PLAYED = [MOODS[int(second // 300) % 3] for second in TIME_S]


def memory_mb(slope_mb_per_h: float) -> list[float]:
    random = np.random.default_rng(1)
    fades = [30.0 if second % 300 < 60 else 0.0 for second in TIME_S]
    return [
        NEEDS_MB[mood] + fade + slope_mb_per_h * second / 3600 + random.exponential(1.0)
        for mood, fade, second in zip(PLAYED, fades, TIME_S, strict=True)
    ]


@pytest.mark.parametrize("slope", [0.0, 0.5, 14.4])
def test_a_leak_is_found_beside_all_that_comes_and_goes(slope: float) -> None:
    found = growth(TIME_S, memory_mb(slope), PLAYED)
    assert found.error_mb_per_h < 0.1
    assert found.mb_per_h == pytest.approx(slope, abs=4 * found.error_mb_per_h)


def test_the_first_half_hour_does_not_count() -> None:
    filled = [mb - max(0.0, 1800.0 - second) / 10 for mb, second in zip(memory_mb(0.0), TIME_S, strict=True)]
    assert growth(TIME_S, filled, PLAYED).mb_per_h == pytest.approx(0.0, abs=0.2)


def test_one_mood_is_a_plain_line() -> None:
    found = growth(TIME_S, [100.0 + second / 3600 for second in TIME_S], ["night"] * len(TIME_S))
    assert found.mb_per_h == pytest.approx(1.0)
    assert not np.isfinite(growth([0.0, 1.0], [1.0, 2.0], ["night"] * 2).error_mb_per_h)


def test_what_rounding_leaves_below_nought_is_no_shrinking() -> None:
    assert str(Growth(-1e-17, 0.0)) == "+0.00 ± 0.00 MB"
    assert str(Growth(-0.006, 0.001)) == "-0.01 ± 0.00 MB"

"""On which scale numbers are mixed, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.addresses import find
from engine.parameters.scaling import SILENCE_DB, Scale, from_scale, scale_of, to_scale


def test_levels_are_mixed_as_power_frequencies_and_times_evenly() -> None:
    assert scale_of(find("/layer/cello/level_db")) == "power"
    assert scale_of(find("/effects/reverb_lowpass_hz")) == "log"
    assert scale_of(find("/layer/cello/pan")) == "linear"


@pytest.mark.parametrize(
    ("scale", "one", "other", "middle"),
    [
        ("power", -60.0, 0.0, -3.01),
        ("power", -6.0, -6.0, -6.0),
        ("log", 100.0, 400.0, 200.0),
        ("linear", 1.0, 2.0, 1.5),
    ],
)
def test_half_way_is_where_the_scale_has_it(scale: Scale, one: float, other: float, middle: float) -> None:
    between = 0.5 * (to_scale(scale, one) + to_scale(scale, other))
    assert from_scale(scale, between) == pytest.approx(middle, abs=0.005)


@given(st.floats(-59.9, 12.0))
def test_a_level_comes_back(level_db: float) -> None:
    assert from_scale("power", to_scale("power", level_db)) == pytest.approx(level_db, abs=1e-9)


def test_silence_is_no_power_at_all() -> None:
    assert to_scale("power", SILENCE_DB) == 0.0
    assert from_scale("power", 0.0) == from_scale("power", 1e-9) == SILENCE_DB

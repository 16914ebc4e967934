"""Several moods at once: exact at the corners, on the numbers' own scales between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.addresses import SOUND, settings_from_values, values_of
from engine.parameters.blending import blend, corner_weights
from engine.parameters.moods import list_moods, load_mood

MOODS = {name: values_of(load_mood(name)) for name in list_moods()}
SHARES = st.floats(0, 1, allow_subnormal=False)


@pytest.mark.parametrize("name", MOODS)
def test_a_mood_alone_is_itself(name: str) -> None:
    assert blend([(MOODS["night"], 0.0), (MOODS[name], 0.3)]) == MOODS[name]


@given(SHARES, SHARES, st.permutations(list(MOODS)))
def test_any_point_of_the_pad_gives_settings_that_are_possible(x: float, y: float, names: list[str]) -> None:
    weights = corner_weights(x, y)
    assert sum(weights) == pytest.approx(1.0)
    mixed = blend([(MOODS[name], weight) for name, weight in zip(names, weights, strict=False)])
    assert set(mixed) == {row.path for row in SOUND}
    settings_from_values(mixed)


def test_levels_mix_as_power_and_frequencies_as_octaves() -> None:
    one, other = dict(MOODS["night"]), dict(MOODS["night"])
    one |= {"/layer/cello/level_db": -60.0, "/layer/cello/lowpass_hz": 500.0, "/scale/root": "A"}
    other |= {"/layer/cello/level_db": -12.0, "/layer/cello/lowpass_hz": 8000.0, "/scale/root": "C"}
    mixed = blend([(one, 0.5), (other, 0.5)])
    assert mixed["/layer/cello/level_db"] == pytest.approx(-15.01, abs=0.01)
    assert mixed["/layer/cello/lowpass_hz"] == pytest.approx(2000.0)
    assert mixed["/scale/root"] == "A"
    assert blend([(one, 0.4), (other, 0.6)])["/scale/root"] == "C"

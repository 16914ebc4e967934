"""Numbers of a record that move along curves."""

from __future__ import annotations

import numpy as np
import pytest

from engine.album.plan.automation import MOVING, Automation, Curve
from engine.parameters.addresses import values_of
from engine.parameters.moods import load_mood


def test_a_value_stays_before_its_first_point_and_after_its_last() -> None:
    curve = Curve((1.0, 3.0), (-20.0, -10.0))
    assert curve.at(np.array([0.0, 1.0, 2.0, 3.0, 9.0])) == pytest.approx([-20, -20, -15, -10, -10])


def test_a_frequency_moves_evenly_in_its_logarithm() -> None:
    curve = Curve((0.0, 2.0), (100.0, 10_000.0), is_log=True)
    assert curve.at(np.array([0.0, 1.0, 2.0])) == pytest.approx([100, 1000, 10_000])
    assert Curve((0.0, 2.0), (100.0, 10_000.0)).at(np.array([1.0])) == pytest.approx([5050])


def test_a_step_has_every_number_the_moving_ones_as_they_are_then() -> None:
    settings = load_mood("night").sound()
    path = "/layer/cello/level_db"
    moving = Automation(settings, {path: Curve((0.0, 1.0), (-30.0, -20.0))}, np.array([0.5, 1.0]))
    first, second = moving.values(0), moving.values(1)
    assert (first[path], second[path]) == (-25.0, -20.0)
    assert set(first) == set(MOVING)
    usual = values_of(settings)
    assert all(first[other] == usual[other] for other in MOVING if other != path)


def test_a_swell_moves_all_levels_and_leaves_silence_silent() -> None:
    settings = load_mood("night").sound()
    settings.layer.guitar.level_db = -60.0
    path = "/layer/cello/level_db"
    moving = {path: Curve((0.0, 1.0), (-30.0, -20.0))}
    swelling = Automation(settings, moving, np.array([0.5, 1.0]), Curve((0.0, 0.5, 1.0), (0.0, -6.0, -60.0)))
    first, second = swelling.values(0), swelling.values(1)
    assert first[path] == -31.0
    assert first["/layer/piano/level_db"] == settings.layer.piano.level_db - 6.0
    assert first["/layer/guitar/level_db"] == -60.0
    assert second["/layer/piano/level_db"] == -60.0, "a general pause"
    assert first["/layer/cello/pan"] == settings.layer.cello.pan
    assert Automation(settings, moving, np.array([0.5]), Curve((0.0,), (0.0,))).values(0)[path] == -25.0

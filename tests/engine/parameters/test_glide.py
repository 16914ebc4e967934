"""Numbers glide on their own curves, arrive exactly, and never leave their ranges."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parameters.addresses import find, set_value
from engine.parameters.glide import GLIDING, NOTE_NUMBERS, Glide
from engine.parameters.sound import SoundSettings


def changed(path: str, value: float) -> SoundSettings:
    settings = SoundSettings()
    set_value(settings, path, value)
    return settings


def test_levels_glide_in_power_and_frequencies_in_octaves() -> None:
    settings = SoundSettings()
    settings.layer.cello.level_db, settings.layer.cello.lowpass_hz = -60.0, 200.0
    glide = Glide(SoundSettings())
    glide.aim(settings, 8.0)
    glide.advance(4.0)
    assert glide.values()["/layer/cello/level_db"] == pytest.approx(-18.0 - 3.01, abs=0.01), "not half-way to -60"
    assert glide.values()["/layer/cello/lowpass_hz"] == pytest.approx(2000.0)


def test_two_layers_that_change_places_keep_their_sum() -> None:
    one, other = SoundSettings(), SoundSettings()
    one.layer.cello.level_db, one.layer.chords.level_db = -12.0, -60.0
    other.layer.cello.level_db, other.layer.chords.level_db = -60.0, -12.0
    glide = Glide(one)
    glide.aim(other, 10.0)
    for _ in range(100):
        glide.advance(0.1)
        values = glide.values()
        power = sum(10 ** (values[f"/layer/{stem}/level_db"] / 10) for stem in ("cello", "chords"))
        assert 10 * math.log10(power) == pytest.approx(-12.0, abs=0.05)


def test_a_hand_on_one_control_does_not_hurry_the_others() -> None:
    settings = changed("/layer/cello/pan", 0.7)
    glide = Glide(SoundSettings())
    glide.aim(settings, 10.0)
    glide.advance(5.0)
    settings.layer.cello.reverb = 1.0
    glide.aim(settings, 0.1)
    glide.advance(0.1)
    values = glide.values()
    assert values["/layer/cello/reverb"] == 1.0
    assert values["/layer/cello/pan"] == pytest.approx(0.2, abs=0.02)


def test_redirected_on_the_way_it_neither_jumps_nor_jerks() -> None:
    glide = Glide(SoundSettings())
    glide.aim(changed("/layer/piano/pan", 1.0), 4.0)
    places = [0.0]
    for step in range(160):
        if step == 40:
            glide.aim(changed("/layer/piano/pan", -1.0), 4.0)
        glide.advance(0.05)
        places.append(glide.values()["/layer/piano/pan"])
    speeds = [after - before for before, after in pairwise(places)]
    assert max(map(abs, speeds)) < 0.05
    assert max(abs(after - before) for before, after in pairwise(speeds)) < 0.006
    assert places[-1] == -1.0


def test_a_pad_that_is_moved_all_the_time_is_followed_at_a_short_distance() -> None:
    glide = Glide(SoundSettings())
    for step in range(1, 61):
        glide.aim(changed("/layer/piano/pan", step / 60), 1.0)
        glide.advance(0.1)
    assert glide.values()["/layer/piano/pan"] == pytest.approx(1.0 - 0.07, abs=0.05)


def test_it_knows_where_it_will_be() -> None:
    glide = Glide(SoundSettings())
    glide.aim(changed("/conductor/recall", 1.0), 10.0)
    glide.advance(2.0)
    ahead = glide.values(3.0)["/conductor/recall"]
    glide.advance(3.0)
    assert ahead == glide.values()["/conductor/recall"]
    assert glide.values(60.0)["/conductor/recall"] == 1.0


def test_numbers_of_notes_glide_too_but_not_what_a_performer_was_asked_for_ahead() -> None:
    assert {"/performer/tempo", "/conductor/recall", "/voice/bells/density"} <= set(NOTE_NUMBERS)
    assert not {"/performer/temperature", "/performer/phrase_s"} & set(GLIDING)


@given(st.sampled_from(sorted(GLIDING)), st.floats(0, 1), st.floats(0, 20), st.floats(0, 30))
def test_every_number_stays_in_its_range_and_arrives(path: str, share: float, glide_s: float, time_s: float) -> None:
    row = find(path)
    assert row.low is not None
    assert row.high is not None
    settings = SoundSettings()
    target = row.low + share * (row.high - row.low)
    set_value(settings, path, target)
    glide = Glide(SoundSettings())
    glide.aim(settings, glide_s)
    glide.advance(time_s)
    glide.aim(SoundSettings(), glide_s)
    glide.advance(time_s / 3)
    glide.aim(settings, glide_s)
    glide.advance(time_s / 4)
    slack = 1e-9 * abs(row.high)
    assert row.low - slack <= glide.values()[path] <= row.high + slack
    glide.advance(50.0)
    assert glide.values()[path] == pytest.approx(target)

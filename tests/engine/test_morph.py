"""Numbers glide on their own curves, arrive exactly, and never leave their ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.addresses import find
from engine.morph import GLIDING, Morph
from engine.settings import SoundSettings


def changed(path: str, value: float) -> SoundSettings:
    settings = SoundSettings()
    parent = settings.layer.cello if path.startswith("/layer") else settings.effects
    setattr(parent, path.rsplit("/", 1)[1], value)
    return settings


def test_levels_glide_in_decibels_and_frequencies_in_octaves() -> None:
    settings = SoundSettings()
    settings.layer.cello.level_db, settings.layer.cello.lowpass_hz = -30.0, 200.0
    morph = Morph(SoundSettings())
    morph.aim(settings, 8.0)
    morph.advance(4.0)
    assert morph.values()["/layer/cello/level_db"] == pytest.approx(-24.0)
    assert morph.values()["/layer/cello/lowpass_hz"] == pytest.approx(2000.0)


def test_a_hand_on_one_control_does_not_hurry_the_others() -> None:
    settings = changed("/layer/cello/level_db", -28.0)
    morph = Morph(SoundSettings())
    morph.aim(settings, 10.0)
    morph.advance(5.0)
    settings.layer.cello.pan = 1.0
    morph.aim(settings, 0.1)
    morph.advance(0.1)
    values = morph.values()
    assert values["/layer/cello/pan"] == 1.0
    assert values["/layer/cello/level_db"] == pytest.approx(-23.1)


@given(st.sampled_from(sorted(GLIDING)), st.floats(0, 1), st.floats(0, 20), st.floats(0, 30))
def test_every_number_stays_in_its_range_and_arrives(path: str, share: float, glide_s: float, time_s: float) -> None:
    row = find(path)
    assert row.low is not None
    assert row.high is not None
    settings = SoundSettings()
    *parents, leaf = path.strip("/").split("/")
    holder = settings
    for name in parents:
        holder = getattr(holder, name)
    setattr(holder, leaf, row.low + share * (row.high - row.low))
    morph = Morph(SoundSettings())
    morph.aim(settings, glide_s)
    morph.advance(time_s)
    slack = 1e-9 * abs(row.high)
    assert row.low - slack <= morph.values()[path] <= row.high + slack
    morph.advance(50.0)
    assert morph.values()[path] == pytest.approx(getattr(holder, leaf))

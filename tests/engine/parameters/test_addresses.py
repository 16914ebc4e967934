"""The table of addresses: complete, consistent with the settings, and strict about what it lets through."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ControlError
from engine.parameters.addresses import SOUND, TABLE, find, set_value, settings_from_values, values_of
from engine.parameters.sound import Mood, SoundSettings
from engine.parameters.stems import STEMS

NUMBERS = [row for row in TABLE.values() if row.kind == "float"]


def test_every_sound_setting_is_an_address_and_back() -> None:
    settings = SoundSettings()
    settings.layer.cello.level_db = -17.0
    settings.layer.texture_2.reverse = True
    values = values_of(settings)
    assert set(values) == {row.path for row in SOUND}
    assert values["/layer/texture_2/reverse"] == 1
    assert settings_from_values(values) == settings


def test_a_mood_gives_values_without_its_title() -> None:
    assert set(values_of(Mood(title="Any"))) == {row.path for row in SOUND}


def test_defaults_are_inside_their_ranges_and_every_control_is_described() -> None:
    for row in TABLE.values():
        assert row.about, row.path
        if row.kind in ("float", "int", "switch", "text") and row.default is not None:
            assert row.parse([row.default]) == row.default, row.path


def test_stems_have_a_fader_a_mute_and_a_meter_each() -> None:
    for stem in STEMS:
        assert {f"/stem/{stem}/level_db", f"/stem/{stem}/mute", f"/meter/{stem}"} <= set(TABLE)


@given(st.sampled_from(NUMBERS), st.floats(allow_nan=True, allow_infinity=True, width=32))
def test_a_number_is_taken_exactly_when_it_is_in_range(row: object, number: float) -> None:
    address = find(row.path)  # type: ignore[attr-defined]
    assert address.low is not None
    assert address.high is not None
    if math.isfinite(number) and address.low <= float(f"{number:.6g}") <= address.high:
        assert address.parse([number]) == pytest.approx(number, rel=1e-5)
    else:
        with pytest.raises(ControlError, match=address.path):
            address.parse([number])


@given(st.sampled_from(NUMBERS), st.sampled_from(["low", "high"]))
def test_limits_survive_the_way_through_a_32_bit_float(row: object, end: str) -> None:
    import struct

    address = find(row.path)  # type: ignore[attr-defined]
    limit = getattr(address, end)
    assert address.parse([struct.unpack("f", struct.pack("f", limit))[0]]) == pytest.approx(limit)


@pytest.mark.parametrize(
    ("path", "arguments", "says"),
    [
        ("/layer/cello/level_db", ["loud"], "a number from -60 to 6 dB"),
        ("/layer/cello/level_db", [], "takes one argument"),
        ("/layer/cello/level_db", [1.0, 2.0], "takes one argument"),
        ("/voice/bells/octave", [0.5], "a whole number"),
        ("/voice/bells/instrument", ["cellos"], "did you mean cello"),
        ("/layer/texture_1/reverse", [2], "0 or 1"),
        ("/scale/root", ["H"], "tonic"),
        ("/phrase/next", [3.0, 4.0], "takes no argument"),
        ("/room/meter", [1.0, 1.0], "only sent out"),
        ("/mood", ["../../etc/passwd"], "cannot be"),
    ],
)
def test_refusals_say_what_was_expected(path: str, arguments: list[object], says: str) -> None:
    with pytest.raises(ControlError, match=says):
        find(path).parse(arguments)


def test_an_unknown_address_names_the_nearest() -> None:
    with pytest.raises(ControlError, match="/layer/cello/level_db"):
        find("/layer/chello/level_db")


def test_floats_from_pd_serve_as_whole_numbers() -> None:
    assert find("/voice/bells/octave").parse([1.0]) == 1
    assert find("/stem/bells/mute").parse([1.0]) == 1


def test_a_path_that_is_no_parameter_is_refused() -> None:
    for path in ("/layer/cello", "/layer/cello/level_db/more", "/nothing", "/layer/cello/model_config"):
        with pytest.raises(ControlError):
            set_value(SoundSettings(), path, 1.0)

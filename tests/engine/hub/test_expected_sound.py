"""What is asked for: silence where faders and layers are closed or instruments play, more where faders are up."""

from __future__ import annotations

import pytest

from engine.hub.expected_sound import expected_sound
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.stems import LAYERS, STEMS, VOICES


@pytest.mark.parametrize(
    "closed",
    [
        {"/room/level_db": SILENCE_DB},
        {"/room/silent": 1},
        {f"/stem/{stem}/mute": 1 for stem in STEMS},
        {f"/stem/{stem}/level_db": SILENCE_DB for stem in STEMS},
    ],
)
def test_who_closes_the_faders_wants_silence(closed: dict[str, object]) -> None:
    assert expected_sound({}) == (True, 0.0)
    assert expected_sound(closed) == (False, 0.0)


def test_one_fader_that_is_open_is_enough() -> None:
    values: dict[str, object] = {f"/stem/{stem}/level_db": SILENCE_DB for stem in STEMS}
    assert expected_sound({**values, "/stem/cello/level_db": -30.0}) == (True, 0.0)
    assert expected_sound({**values, "/stem/cello/level_db": -30.0, "/stem/piano/solo": 1}) == (False, 0.0)


def test_who_turns_it_up_may_have_it_louder() -> None:
    assert expected_sound({"/room/level_db": 6.0, "/stem/piano/level_db": 3.0}) == (True, 9.0)


ONLY_PIANO = {f"/layer/{layer}/level_db": SILENCE_DB for layer in LAYERS if layer != "piano"}
ELSEWHERE = {**ONLY_PIANO, "/voice/piano/midi_out": "Grand, left", "/voice/piano/midi_only": 1}


def test_layers_that_are_closed_and_voices_without_notes_are_not_missed() -> None:
    assert expected_sound(ONLY_PIANO) == (True, 0.0)
    assert expected_sound({**ONLY_PIANO, "/layer/piano/level_db": SILENCE_DB}) == (False, 0.0)
    assert expected_sound({**ONLY_PIANO, "/voice/piano/density": 0.0}) == (False, 0.0)


def test_what_an_instrument_alone_plays_is_not_missed_in_the_room() -> None:
    assert expected_sound(ELSEWHERE, "Celesta, Grand, left") == (False, 0.0)
    assert expected_sound({**ELSEWHERE, "/layer/cello/level_db": -20.0}, "Grand, left") == (True, 0.0)


@pytest.mark.parametrize("ports", ["none", "Celesta", "Grand", "Grand, left hand"])
def test_it_is_missed_while_the_instrument_is_gone(ports: str) -> None:
    assert expected_sound(ELSEWHERE, ports) == (True, 0.0)


def test_it_is_missed_where_the_instrument_plays_besides_the_sound() -> None:
    assert expected_sound({**ELSEWHERE, "/voice/piano/midi_only": 0}, "Grand, left") == (True, 0.0)


def test_textures_sound_though_all_voices_play_elsewhere() -> None:
    values: dict[str, object] = {"/layer/reverse/level_db": SILENCE_DB}
    for voice in VOICES:
        values |= {f"/voice/{voice}/midi_out": "Disklavier", f"/voice/{voice}/midi_only": 1}
    assert expected_sound(values, "Disklavier") == (True, 0.0)

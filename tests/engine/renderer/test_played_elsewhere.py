"""What an instrument plays in place of a voice is not heard from the loudspeakers, unless the instrument is gone."""

from __future__ import annotations

from engine.parameters.scaling import SILENCE_DB
from engine.parameters.sound import SoundSettings
from engine.renderer.played_elsewhere import level_addresses, ports_of, without_played_elsewhere


def settings(*, only: bool) -> SoundSettings:
    made = SoundSettings()
    made.voice.piano.midi_out, made.voice.piano.midi_only = "Disklavier", only
    return made


def test_ports_of_voices_that_have_one() -> None:
    assert ports_of(settings(only=False)) == {"piano": "Disklavier"}
    assert ports_of(SoundSettings()) == {}


def test_the_layer_is_closed_only_while_the_port_is_there() -> None:
    mine = settings(only=True)
    assert without_played_elsewhere(mine, {"Disklavier"}).layer.piano.level_db == SILENCE_DB
    assert without_played_elsewhere(mine, set()) is mine
    assert mine.layer.piano.level_db > SILENCE_DB, "what the mood says stays"


def test_besides_its_sound_nothing_is_closed() -> None:
    mine = settings(only=False)
    assert without_played_elsewhere(mine, {"Disklavier"}) is mine


def test_what_has_changed_by_address() -> None:
    mine = settings(only=True)
    heard = without_played_elsewhere(mine, {"Disklavier"})
    assert level_addresses(mine, heard) == {"/layer/piano/level_db": SILENCE_DB}
    assert level_addresses(heard, mine) == {"/layer/piano/level_db": mine.layer.piano.level_db}

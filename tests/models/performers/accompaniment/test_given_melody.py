"""A melody on a performer's clock."""

from __future__ import annotations

from engine.music.notes import Note
from models.performers.accompaniment.given_melody import BELOW, GivenMelody
from models.performers.vocabulary.events import NOTE_OFF, VELOCITY

TUNE = (Note(0.0, 72, 0.5, 80), Note(1.0, 79, 0.5, 80), Note(4.0, 67, 1.0, 60))


def test_its_events_come_when_they_are_due_and_once() -> None:
    given = GivenMelody(TUNE)
    assert [event for event in given.due(0) if event < NOTE_OFF] == [72]
    assert given.due(0) == []
    assert given.next_step == 50
    later = given.due(100)
    assert later[0] == NOTE_OFF + 72
    assert later[-1] == 79
    assert not any(VELOCITY <= event < VELOCITY + 32 for event in later), "as loud as before"
    given.due(500)
    assert given.next_step == given.end == 501


def test_the_keys_beneath_all_of_it_around_a_moment_are_free() -> None:
    given = GivenMelody(TUNE)
    assert given.free(0).nonzero()[0].max() == 72 - BELOW
    assert given.free(420).nonzero()[0].max() == 67 - BELOW


def test_a_melody_in_the_bass_leaves_what_is_above_it() -> None:
    given = GivenMelody([Note(0.0, 24, 1.0, 60)])
    assert given.free(0).nonzero()[0].min() > 30

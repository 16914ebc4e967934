"""A stretch of the past as a session."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.hub.sessions.from_journal import session_from_journal
from engine.hub.sessions.session import SessionError
from engine.journal.place import JournalPlace
from engine.journal.room_journal import RoomJournal

PAN = "/layer/cello/pan"


@pytest.fixture
def past(tmp_path: Path) -> Path:
    values: dict[str, float | int | str] = {"/mood": "night", "/seed": 1, "/mood/morph_s": 4.0, PAN: 0.0}
    journal = RoomJournal(JournalPlace(tmp_path, 10_000_000), values)
    journal.begin(resumed=False)
    for change in ({PAN: 0.25}, {PAN: 0.25, "/seed": 9}, {"/mood": "airport", PAN: 0.5}, {"/gone/address": 1.0}):
        values = {**values, **change}
        journal.values(values)
    journal.end()
    return tmp_path


def test_it_has_what_was_set_without_seeds_and_with_the_glide_of_a_mood(past: Path) -> None:
    session = session_from_journal(past, time.time() - 30.0, 60.0)
    pan, mood = session.moments
    assert (pan.values, pan.begins_mood, pan.glide_s) == ({PAN: 0.25}, False, None)
    assert (mood.values, mood.begins_mood, mood.glide_s) == ({"/mood": "airport", PAN: 0.5}, True, 4.0)
    assert 0.0 < pan.at_s <= mood.at_s <= session.length_s == 60.0


def test_what_was_set_before_or_after_is_not_in_it(past: Path) -> None:
    for start_s in (time.time() - 3600.0, time.time() + 60.0):
        with pytest.raises(SessionError, match="nothing was set then"):
            session_from_journal(past, start_s, 30.0)

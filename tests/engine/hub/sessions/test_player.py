"""A session is played at its times, without what hands have taken."""

from __future__ import annotations

import pytest

from engine.hub.sessions.player import Player
from engine.hub.sessions.session import Moment, Session

PAN, LEVEL = "/layer/cello/pan", "/room/level_db"
SESSION = Session(
    "2026-11-25T20:15:00+01:00",
    6.0,
    (
        Moment(1.0, {PAN: 0.1, LEVEL: -3.0}),
        Moment(2.0, {PAN: 0.2}),
        Moment(3.0, {"/mood": "night", PAN: 0.5, LEVEL: -6.0}, 8.0, begins_mood=True),
        Moment(4.0, press="/phrase/next"),
    ),
)


def test_everything_is_due_at_its_time_and_once() -> None:
    player = Player("evening", SESSION, 100.0)
    assert list(player.due(100.9)) == []
    assert player.due_s(100.4) == pytest.approx(0.6)
    assert list(player.due(102.0)) == list(SESSION.moments[:2])
    assert list(player.due(102.0)) == []
    assert list(player.due(200.0)) == list(SESSION.moments[2:])
    assert player.is_over(200.0)


def test_after_its_last_change_it_goes_on_for_as_long_as_it_was_recorded() -> None:
    player = Player("evening", SESSION, 100.0)
    list(player.due(104.5))
    assert not player.is_over(105.9)
    assert player.due_s(104.5) == pytest.approx(1.5)
    assert player.is_over(106.0)


def test_a_hand_keeps_what_it_took_and_the_rest_goes_on() -> None:
    player = Player("evening", SESSION, 100.0)
    player.hand({PAN: 0.9}, begins_mood=False)
    first, mood, press = player.due(200.0)
    assert first.values == {LEVEL: -3.0}
    assert mood.values == {"/mood": "night", LEVEL: -6.0}
    assert press.press == "/phrase/next"


def test_a_hand_that_chose_a_mood_keeps_all_of_its_sound() -> None:
    player = Player("evening", SESSION, 100.0)
    player.hand({"/mood": "rhodes"}, begins_mood=True)
    moments = list(player.due(200.0))
    assert [moment.values for moment in moments[:2]] == [{LEVEL: -3.0}, {LEVEL: -6.0}]
    assert not any(moment.begins_mood for moment in moments)

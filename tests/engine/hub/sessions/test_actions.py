"""Sessions at the actions: recorded, played, deleted, and what a surface is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ControlError
from engine.hub.actions import Change
from engine.hub.sessions.actions import SessionActions
from engine.osc.port import Message

PAN = "/layer/cello/pan"
WHO = ("127.0.0.1", 1)


class Actions(SessionActions):
    """On a clock that is set by hand."""

    def __init__(self, folder: Path | None) -> None:
        self.now_s = 100.0
        super().__init__(folder, lambda: self.now_s)

    def say(self, path: str, *arguments: object) -> None:
        self.take(Message(path, arguments, WHO))

    def shows(self) -> dict[str, tuple[object, ...]]:
        return dict(self.reports())


@pytest.fixture
def recorded(tmp_path: Path) -> Actions:
    actions = Actions(tmp_path)
    actions.say("/session/record", "evening")
    actions.now_s += 1.0
    actions.changed(PAN, Change({PAN: 0.5}))
    actions.pressed("/phrase/next")
    actions.now_s += 1.0
    assert actions.shows()["/session/now"] == ("recording evening 0:02",)
    actions.say("/session/stop")
    return actions


def test_what_was_recorded_is_played_at_its_time(recorded: Actions) -> None:
    assert recorded.shows()["/session/list"] == ("evening",)
    assert recorded.shows()["/session/slot_1"] == ("evening", "0:02, 2 changes")
    recorded.say("/session/play", "evening")
    assert list(recorded.due()) == []
    assert recorded.due_s == pytest.approx(1.0, abs=0.01)
    recorded.now_s += 1.5
    change, press = recorded.due()
    assert (change.values, press.press) == ({PAN: 0.5}, "/phrase/next")
    assert recorded.shows()["/session/now"] == ("playing evening 0:01 of 0:02",)
    recorded.now_s += 1.0
    assert list(recorded.due()) == []
    assert recorded.shows()["/session/now"] == ("none",)


def test_two_cannot_be_recorded_and_none_written_over(recorded: Actions) -> None:
    with pytest.raises(ControlError, match="exists already"):
        recorded.say("/session/record", "evening")
    recorded.say("/session/record", "morning")
    with pytest.raises(ControlError, match="'morning' is being recorded"):
        recorded.say("/session/record", "noon")


def test_a_deleted_one_is_gone_and_an_unknown_one_named(recorded: Actions) -> None:
    recorded.say("/session/delete", "evening")
    assert recorded.shows()["/session/slot_1"] == ("none", "none")
    with pytest.raises(ControlError, match="no session is called 'evening'"):
        recorded.say("/session/play", "evening")


def test_where_nothing_is_kept_nothing_is_recorded() -> None:
    with pytest.raises(ControlError, match="/session/record: "):
        Actions(None).say("/session/record", "evening")

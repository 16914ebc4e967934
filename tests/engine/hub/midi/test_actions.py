"""Knobs without wires: learnt, kept in a file, moved, forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ControlError
from engine.hub.midi.actions import LOOK_S, MidiActions
from engine.hub.midi.learning import PATIENCE_S
from engine.osc.port import Message
from engine.parameters.address import Value

PAN = "/layer/cello/pan"
HERE, THERE = ("127.0.0.1", 5000), ("192.168.1.7", 5000)


class Actions(MidiActions):
    """On a clock that is set by hand, with values that follow what it asks for."""

    def __init__(self, folder: Path | None) -> None:
        self.now_s, self.present = 100.0, {PAN: 0.0, "/phrase/next": 0.0}
        super().__init__(folder, lambda: self.present, lambda: self.now_s)

    def turn(self, *values: int, source: tuple[str, int] = HERE) -> list[Value | None]:
        asked = []
        for value in values:
            for row, wanted in self.take(Message("/midi/control", (1, 7, value), source)):
                asked.append(wanted)
                if isinstance(wanted, float):
                    self.present[row.path] = wanted
        return asked

    def learn(self, path: str = PAN) -> None:
        self.take(Message("/midi/learn", (path,), HERE))
        self.turn(60, 61)
        self.now_s += 1.0
        assert self.step() == []


def test_a_knob_that_was_learnt_is_there_after_a_restart(tmp_path: Path) -> None:
    actions = Actions(tmp_path)
    actions.learn()
    again = Actions(tmp_path)
    assert list(again.bindings.knobs) == [PAN]
    assert again.turn(63, 90)[-1] == pytest.approx(90 / 127 * 2 - 1, abs=0.01)
    assert again.take(Message("/midi/control", (2, 7, 10), HERE)) == [], "another channel"


def test_a_control_that_was_touched_is_the_one_and_pressing_again_ends_it(tmp_path: Path) -> None:
    actions = Actions(tmp_path)
    actions.take(Message("/midi/learn", (), HERE))
    actions.touched("/no/knob/for/this")
    actions.touched(PAN)
    assert dict(actions.reports())["/midi/learning"] == (f"turn a knob for {PAN}",)
    actions.take(Message("/midi/learn", (), HERE))
    actions.now_s += 0.2
    assert dict(actions.reports())["/midi/learning"] == ("none",)
    actions.take(Message("/midi/learn", (PAN,), HERE))
    actions.now_s += PATIENCE_S
    actions.step()
    actions.turn(60, 61)
    assert actions.bindings.knobs == {}


def test_what_has_no_knob_cannot_be_forgotten_and_what_has_can(tmp_path: Path) -> None:
    actions = Actions(tmp_path)
    with pytest.raises(ControlError, match="there are none"):
        actions.take(Message("/midi/forget", (PAN,), HERE))
    with pytest.raises(ControlError, match="cannot have a knob"):
        actions.take(Message("/midi/learn", ("/state/dump",), HERE))
    actions.learn()
    actions.take(Message("/midi/forget", (PAN,), HERE))
    assert actions.bindings.knobs == {}
    actions.learn()
    actions.take(Message("/midi/clear", (), HERE))
    assert actions.bindings.knobs == {}


def test_the_same_knob_at_two_machines_takes_hold_at_each(tmp_path: Path) -> None:
    actions = Actions(tmp_path)
    actions.learn()
    actions.turn(63, 90)
    assert actions.turn(10, source=THERE) == [], "that one is far from where the control stands"
    assert actions.turn(120, source=THERE) != []


def test_a_file_that_is_edited_badly_is_said_once_and_changes_nothing(tmp_path: Path) -> None:
    actions = Actions(tmp_path)
    actions.learn()
    (tmp_path / "midi.yaml").write_text("bindings: {/layer/cello/pam: {channel: 1, controller: 7}}\n", "utf-8")
    said = []
    for _ in range(4):
        actions.now_s += LOOK_S
        said += actions.step()
    assert len(said) == 1
    assert "Did you mean '/layer/cello/pan'" in said[0]
    assert list(actions.bindings.knobs) == [PAN]

"""What the guard hears, holds, and does when its player is gone."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import dataclass, field

import pytest

from engine.elsewhere.instruments.guard import SILENT_S, Guard, watch
from engine.elsewhere.instruments.midi_ports import Output
from tests.engine.elsewhere.instruments.test_midi_ports import FakeOutput
from tests.waiting import PATIENCE_S


@dataclass
class Ports:
    """What a machine has, and what is open of it."""

    names: list[str] = field(default_factory=lambda: ["USB MIDI:Disklavier 24:0"])
    opened: dict[str, FakeOutput] = field(default_factory=dict)

    def open(self, name: str) -> Output:
        self.opened[name] = FakeOutput()
        return self.opened[name]

    def guard(self) -> Guard:
        return Guard(lambda: self.names, self.open)


def test_ports_come_and_go() -> None:
    ports = Ports()
    guard = ports.guard()
    assert guard.hear({"Disklavier": 1, "organ": 2})
    assert not guard.hear({"Disklavier": 1, "organ": 2})
    assert guard.look() == {"Disklavier": "USB MIDI:Disklavier 24:0"}
    ports.names = []
    assert guard.look() == {}
    assert ports.opened["USB MIDI:Disklavier 24:0"].closed
    ports.names = ["organ 1"]
    assert guard.look() == {"organ": "organ 1"}


def test_a_driver_that_fails_is_no_reason_to_end(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> list[str]:
        raise RuntimeError("no server")

    guard = Guard(fails, Ports().open)
    guard.hear({"Disklavier": 1})
    assert guard.look() == {}
    assert guard.look() == {}
    assert caplog.text.count("no server") == 1


def test_everything_is_let_go_on_the_channel_of_each() -> None:
    ports = Ports()
    guard = ports.guard()
    guard.hear({"Disklavier": 4})
    guard.look()
    guard.let_everything_go()
    sent = ports.opened["USB MIDI:Disklavier 24:0"].sent
    assert {message.note for message in sent if message.type == "note_off"} == set(range(128))
    assert {message.channel for message in sent} == {3}


def watched(
    lines: list[bytes], *, closes: bool, patience_s: float = PATIENCE_S
) -> tuple[list[dict[str, str]], list[str]]:
    """What a guard tells and does while it is told these lines, a quarter of a second apart, and then nothing."""
    read, write = os.pipe()
    told: list[dict[str, str]] = []
    done: list[str] = []
    thread = threading.Thread(
        target=lambda: watch(Ports().guard(), read, told.append, lambda: done.append("player ended"))
    )
    thread.start()
    for line in lines:
        os.write(write, line + b"\n")
        time.sleep(0.25)
    if closes:
        os.close(write)
    thread.join(patience_s)
    done += ["still watches"] if thread.is_alive() else []
    if not closes:
        os.close(write)
        thread.join()
    os.close(read)
    return told, done


def said(*, down: bool) -> bytes:
    return json.dumps({"ports": {"Disklavier": 1}, "down": down}).encode()


def test_a_pipe_that_closes_ends_the_watch() -> None:
    told, done = watched([said(down=True)], closes=True)
    assert told[-1] == {"Disklavier": "USB MIDI:Disklavier 24:0"}
    assert done == []


def test_a_player_that_stands_still_with_a_key_down_is_ended() -> None:
    assert watched([said(down=True)], closes=False)[1] == ["player ended"]


def test_a_player_that_stands_still_with_no_key_down_is_left_alone() -> None:
    lines = [said(down=True), said(down=False)]
    assert watched(lines, closes=False, patience_s=SILENT_S + 1.0)[1] == ["still watches"]

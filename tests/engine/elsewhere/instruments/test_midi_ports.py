"""Ports are found by a part of their name, and one that fails does no harm."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from engine.elsewhere.instruments import midi_ports
from engine.elsewhere.instruments.midi_ports import KEYS, MidiSink, PortList, match, why_no_midi_out

NAMES = ["Midi Through:Midi Through Port-0 14:0", "YAMAHA Disklavier:Disklavier MIDI 1 24:0", "Disklavier"]


@dataclass
class FakeOutput:
    """What a driver would open. It fails when told to."""

    sent: list[Any] = field(default_factory=list)
    fails: bool = False
    closed: bool = False

    def send(self, message: Any) -> None:
        if self.fails:
            raise OSError("unplugged")
        self.sent.append(message)

    def close(self) -> None:
        self.closed = True


def test_the_exact_name_counts_first_then_a_part_of_one() -> None:
    assert match("Disklavier", NAMES) == "Disklavier"
    assert match("disklavier midi", NAMES) == NAMES[1]
    assert match("organ", NAMES) is None


def test_what_was_left_hanging_is_let_go_when_a_port_opens() -> None:
    sink, output = MidiSink(channel=3, has_pedal=True), FakeOutput()
    sink.open(output)
    offs = {message.note for message in output.sent if message.type == "note_off"}
    assert offs == set(range(KEYS))
    assert {(m.control, m.value) for m in output.sent if m.type == "control_change"} == {(64, 0), (120, 0), (123, 0)}
    assert {message.channel for message in output.sent} == {2}


def test_keys_and_pedal_go_out_as_written() -> None:
    sink, output = MidiSink(channel=1, has_pedal=True), FakeOutput()
    sink.open(output)
    output.sent.clear()
    sink.key("piano", 60, 90)
    sink.pedal("piano", True)
    sink.key("piano", 60, 0)
    said = [(m.type, m.bytes()[1], m.bytes()[2]) for m in output.sent]
    assert said == [("note_on", 60, 90), ("control_change", 64, 127), ("note_off", 60, 0)]


def test_an_instrument_without_a_pedal_is_told_of_none() -> None:
    sink, output = MidiSink(channel=1, has_pedal=False), FakeOutput()
    sink.open(output)
    output.sent.clear()
    sink.pedal("piano", True)
    assert not output.sent


def test_a_port_that_fails_is_closed_and_nothing_raises() -> None:
    sink, output = MidiSink(channel=1, has_pedal=True), FakeOutput()
    sink.open(output)
    output.fails = True
    sink.key("piano", 60, 90)
    assert output.closed
    assert sink.output is None
    sink.key("piano", 60, 0)
    sink.release()


def test_why_no_instrument_can_be_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_ports, "backend", lambda: "")
    assert "python-rtmidi" in why_no_midi_out()
    monkeypatch.setattr(midi_ports, "backend", lambda: "mido.backends.rtmidi/UNIX_JACK")
    assert why_no_midi_out() == ""


def test_ports_are_listed_through_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Client] = []

    class Client:
        names: ClassVar[list[str]] = ["a"]

        def get_ports(self) -> list[str]:
            return self.names

        def delete(self) -> None:
            made.remove(self)

    listed = PortList("mido.backends.rtmidi/UNIX_JACK")
    monkeypatch.setattr(listed, "_rtmidi_client", lambda: made.append(Client()) or made[-1])
    assert listed.names() == ["a"]
    assert listed.names() == ["a"]
    assert len(made) == 1
    Client.names = []
    assert listed.names() == []
    assert not made, "JACK may have gone: asked anew next time"

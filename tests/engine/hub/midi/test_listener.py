"""The MIDI process: bytes of a device in, OSC to the hub out; devices that come late, and none at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from engine.hub.midi import listener
from engine.osc.port import LOOPBACK, Message, OscPort


def listen(hub: OscPort, backend: str, pipes: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "MIDO_BACKEND": backend, "MIDI_PIPES": str(pipes)}
    command = [sys.executable, "-m", "engine.hub.midi.listener", "--port", str(hub.port)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)


def until(hub: OscPort, heard: list[Message], condition: Callable[[list[Message]], object]) -> None:
    end_s = time.monotonic() + 10.0
    while not condition(heard):
        heard += [item for item in hub.received() if isinstance(item, Message)]
        assert time.monotonic() < end_s, heard
        time.sleep(0.01)


def said(heard: list[Message], path: str) -> list[tuple[object, ...]]:
    return [message.arguments for message in heard if message.path == path]


def test_bytes_of_devices_reach_the_hub_and_a_device_may_come_late(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Faders")
    os.mkfifo(tmp_path / "Midi Through Port-0")
    hub, heard = OscPort(LOOPBACK, 0), list[Message]()
    process = listen(hub, "tests.engine.hub.midi.pipe_backend", tmp_path)
    try:
        until(hub, heard, lambda heard: ("Faders",) in said(heard, "/midi/devices"))
        # a controller twice, a clock byte between them, a pitch bend that nobody wants
        (tmp_path / "Faders").write_bytes(b"\xb3\x4a\x40\xf8\xb3\x4a\x41\xe0\x00\x40")
        until(hub, heard, lambda heard: len(said(heard, "/midi/control")) == 2)
        assert said(heard, "/midi/control") == [(4, 74, 64), (4, 74, 65)]
        os.mkfifo(tmp_path / "Keys")
        until(hub, heard, lambda heard: ("Faders, Keys",) in said(heard, "/midi/devices"))
        (tmp_path / "Keys").write_bytes(b"\x90\x3c\x50\x90\x3c\x00\x90\x40\x30\x80\x40\x40")
        until(hub, heard, lambda heard: len(said(heard, "/midi/note")) == 4)
        assert said(heard, "/midi/note") == [(1, 60, 80), (1, 60, 0), (1, 64, 48), (1, 64, 0)]
        assert said(heard, "/midi/alive")
        process.terminate()
        assert process.wait(5) == 0
    finally:
        process.kill()
        hub.close()


def test_a_machine_without_drivers_is_said_once_and_the_process_lives_on(tmp_path: Path) -> None:
    hub, heard = OscPort(LOOPBACK, 0), list[Message]()
    process = listen(hub, "tests.engine.midi.no_such_backend", tmp_path)
    try:
        until(hub, heard, lambda heard: len(said(heard, "/midi/alive")) >= 4)
        [(where, what)] = said(heard, "/error")
        assert where == "/midi"
        assert "cannot be listed" in str(what)
        assert process.poll() is None
    finally:
        process.kill()
        hub.close()


@pytest.mark.skipif(not listener._portmidi_is_there(), reason="PortMidi is not installed")
def test_portmidi_serves_where_there_is_no_rtmidi(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Python 3.13, for which python-rtmidi has no wheel: the real library lists what there is."""
    monkeypatch.delenv("MIDO_BACKEND", raising=False)
    monkeypatch.setattr(listener, "find_spec", lambda name: None)
    assert listener.backend() == listener.PORTMIDI
    told: list[tuple[object, ...]] = []
    one = listener.Listener(lambda *words: told.append(words))
    one.look()
    one.close()
    assert [words[0] for words in told] == ["/midi/devices"], "and no error"


def test_nothing_to_read_devices_through_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIDO_BACKEND", raising=False)
    monkeypatch.setattr(listener, "find_spec", lambda name: None)
    monkeypatch.setattr(listener, "_portmidi_is_there", lambda: False)
    assert "libportmidi-dev" in listener.why_no_midi()

"""A JACK server without a sound card, and an instrument with a MIDI port on it, for tests on machines without MIDI."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

JACK = "mido.backends.rtmidi/UNIX_JACK"
DAMPER = 64


def why_not() -> str:
    """Why there is no MIDI route here, empty where there is one."""
    if shutil.which("jackd") is None:
        return "no jackd (Debian's jackd2) is installed"
    said = subprocess.run(["jackd", "--version"], capture_output=True, text=True, check=False)
    if "jackdmp" not in said.stdout + said.stderr:
        return "jackd is JACK 1, which RtMidi's JACK 2 does not understand"
    try:
        import rtmidi
    except ImportError:
        return "python-rtmidi is not installed"
    return "" if rtmidi.API_UNIX_JACK in rtmidi.get_compiled_api() else "RtMidi was built without JACK"


needs_jack = pytest.mark.skipif(bool(why_not()), reason=why_not())


@dataclass
class Keys:
    """An instrument: every message with when it came, and what is down."""

    heard: list[tuple[float, list[int]]] = field(default_factory=list)
    """Seconds on JACK's own clock from the first message on, and the bytes."""
    down: set[tuple[int, int]] = field(default_factory=set)
    pedals: set[int] = field(default_factory=set)
    _clock_s: float = 0.0

    def take(self, message: tuple[list[int], float]) -> None:
        said, since_s = message
        self._clock_s += since_s
        self.heard.append((self._clock_s, said))
        kind, channel = said[0] & 0xF0, said[0] & 0x0F
        if kind == 0x90 and said[2]:
            self.down.add((channel, said[1]))
        elif kind in (0x80, 0x90):
            self.down.discard((channel, said[1]))
        elif kind == 0xB0 and said[1] == DAMPER:
            (self.pedals.add if said[2] >= 64 else self.pedals.discard)(channel)

    @property
    def is_at_rest(self) -> bool:
        return not self.down and not self.pedals

    def struck_s(self) -> list[float]:
        """When each key was struck."""
        return [when_s for when_s, said in self.heard if said[0] & 0xF0 == 0x90 and said[2]]


@contextmanager
def jack(synchronous: bool = False) -> Iterator[Mapping[str, str]]:
    """A server of its own; the environment in which programs find it.

    As it runs by default it does not wait for a program that is late, and a few of ten thousand messages never arrive
    (see `tests.building.route`). `synchronous` makes it wait; then a program that stands still holds everybody up.
    """
    name = f"ameublement-{secrets.token_hex(3)}"
    server = subprocess.Popen(
        ["jackd", "-R", "-n", name, *(["-S"] if synchronous else []), "-d", "dummy", "-r", "48000", "-p", "64"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    environment = {"JACK_DEFAULT_SERVER": name, "JACK_NO_START_SERVER": "1", "MIDO_BACKEND": JACK}
    before = {key: os.environ.get(key) for key in environment}
    os.environ.update(environment)
    try:
        _await_server(server)
        yield environment
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(5)
        except subprocess.TimeoutExpired:
            server.kill()


def _await_server(server: subprocess.Popen[bytes]) -> None:
    import rtmidi

    for _ in range(40):
        time.sleep(0.25)
        if server.poll() is not None:
            pytest.skip("jackd does not run here")
        with suppress(Exception):  # not listening yet; RtMidi's exceptions are not to be imported
            rtmidi.MidiOut(rtapi=rtmidi.API_UNIX_JACK).delete()
            return
    pytest.skip("jackd does not answer here")


@contextmanager
def instrument(name: str = "Disklavier") -> Iterator[Keys]:
    """A port that programs find as `NAME:keys`. A thread empties its queue: a callback would hold JACK up,
    which then drops what came meanwhile."""
    import rtmidi

    keys, over = Keys(), threading.Event()
    port: Any = rtmidi.MidiIn(rtapi=rtmidi.API_UNIX_JACK, name=name, queue_size_limit=10_000)
    port.open_virtual_port("keys")

    def take() -> None:
        while not over.wait(0.005):
            while message := port.get_message():
                keys.take(message)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield keys
    finally:
        over.set()
        thread.join()
        port.close_port()
        port.delete()

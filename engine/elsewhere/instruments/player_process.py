"""The process that plays instruments: `python -m engine.elsewhere.instruments.player_process --runtime DIR --port N`.

It hears from Pure Data which reel begins, reads beside the reel what its voices play, and sends that to MIDI ports and,
as messages, back to Pure Data. It owns the ports, and a guard watches over it (`guard.py`).
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from engine.elsewhere.instruments.gates import Gates
from engine.elsewhere.instruments.guard_link import GuardLink
from engine.elsewhere.instruments.keyboard import Keyboard
from engine.elsewhere.instruments.midi_ports import MidiSink, open_output
from engine.elsewhere.instruments.player import Player, Route
from engine.errors import ReelError
from engine.hub.midi.listener import backend
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, Endpoint, Message, OscPort
from engine.osc.reporter import Reporter
from engine.osc.side_process import begin, option_parser
from engine.parameters.elsewhere import Instrument
from engine.reels.cutter import NUMBERS
from engine.reels.reel_keys import ReelKeys
from engine.room.pd_process import INSTRUMENTS_PORT

SPEAK_S: Final = 0.25
ALIVE_EVERY_S: Final = 1.0
LONGEST_TEXT: Final = 120
REAL_TIME_PRIORITY: Final = 5
"""Above ordinary programs, below whatever else asks for real time."""

log = logging.getLogger("instruments")


class PdSink:
    """Every key as a message to the room: `/note/piano 60 80` is heard in a patch by `[r voice-piano]`."""

    def __init__(self, osc: OscPort, room: Endpoint) -> None:
        self._osc, self._room = osc, room

    def key(self, voice: str, pitch: int, velocity: int) -> None:
        self._osc.send(self._room, f"/note/{voice}", float(pitch), float(velocity))

    def pedal(self, voice: str, down: bool) -> None:
        self._osc.send(self._room, f"/note/{voice}/pedal", float(down))

    def release(self) -> None:
        """Pure Data holds nothing but what was sent."""


class Instruments:
    """`settings` by the name that moods give a port. `ahead_s`: so long Pure Data is ahead of the loudspeakers."""

    def __init__(
        self, runtime: Path, port: int, supervisor_port: int, settings: Mapping[str, Instrument], ahead_s: float = 0.0
    ) -> None:
        self._osc = OscPort(LOOPBACK, port + INSTRUMENTS_PORT)
        self._tell = Reporter(self._osc, port, supervisor_port)
        self._renderer = (LOOPBACK, port + 2)
        self._settings, self._ahead_s = settings, ahead_s
        self._patches = Keyboard(PdSink(self._osc, (LOOPBACK, port + 1)), shares_keys=False)
        self._sinks: dict[str, MidiSink] = {}
        self._played: dict[str, Keyboard] = {}
        self._guard, self._gates = GuardLink(), Gates(runtime / "state.json")
        self._player = Player(self._routes, lambda: (self._patches, *self._played.values()))
        self._speak_s = self._alive_s = 0.0
        self._said_left_out = 0

    def run(self, stopping: list[bool]) -> None:
        """Until `stopping` is no longer empty."""
        while not stopping:
            self.step()
        self._player.release()
        self._guard.close()
        for sink in self._sinks.values():
            sink.close()
        self._osc.close()

    def step(self) -> None:
        """Wait for what comes next, and do it."""
        now_s = time.monotonic()
        longest_s = min(self._player.next_s(now_s), max(0.0, self._speak_s - now_s))
        with suppress(InterruptedError):
            select.select([self._osc.socket], [], [], longest_s)
        for message in self._osc.received():
            if isinstance(message, Message):
                self._hear(message)
        self._player.step(time.monotonic())
        if time.monotonic() >= self._speak_s:
            self._speak_s = time.monotonic() + SPEAK_S
            self._look_around()

    def _hear(self, message: Message) -> None:
        first = message.arguments[0] if message.arguments else None
        if message.path == Report.REEL_PLAYING and isinstance(first, str):
            self._reel_begins(Path(first))
        elif message.path == Report.ROOM_HOLD and first:
            self._player.release()

    def _reel_begins(self, reel: Path) -> None:
        now_s = time.monotonic()
        try:
            keys = ReelKeys.read(reel)
        except ReelError as problem:
            log.warning("%s", problem)
            self._player.release()
            return
        following = None
        with suppress(ReelError):
            following = ReelKeys.read(reel.with_name(f"{keys.generation}-{(keys.number + 1) % NUMBERS:03d}.wav"))
        self._player.reel_begins(keys, now_s, following)

    def _routes(self, port: str) -> Iterable[Route]:
        yield Route(self._patches, lambda _: 0.0)
        if port:
            settings = self._of(port)
            if port not in self._played:
                self._sinks[port] = MidiSink(settings.channel, settings.pedal)
                self._played[port] = Keyboard(self._sinks[port], velocity=settings.struck)
            yield Route(self._played[port], lambda velocity: settings.ahead_s(velocity) - self._ahead_s)

    def _of(self, port: str) -> Instrument:
        return self._settings.get(port, Instrument())

    def _look_around(self) -> None:
        """What is not urgent: the guard, the room's faders, and a sign of life."""
        down = any(not keyboard.is_at_rest for keyboard in self._played.values())
        self._guard.speak({port: self._of(port).channel for port in self._sinks}, down=down)
        self._guard.listen()
        self._follow_ports()
        if self._gates.look():
            self._player.silence(self._gates.silent, closed=self._gates.closed)
        if time.monotonic() >= self._alive_s:
            self._alive_s = time.monotonic() + ALIVE_EVERY_S
            self._say_how_things_are()

    def _follow_ports(self) -> None:
        """Play what the guard holds, and nothing else: what nobody watches over could be left hanging."""
        for port, sink in self._sinks.items():
            name = self._guard.there.get(port)
            if sink.output is not None and name is None:
                log.warning("%s has gone", port)
                sink.close()
            elif sink.output is None and name is not None:
                self._open(port, name)

    def _open(self, port: str, name: str) -> None:
        try:
            self._sinks[port].open(open_output(backend(), name))
        except Exception as problem:  # each system's driver has exceptions of its own
            self._tell(Report.ERROR, "/instruments", f"{name} cannot be opened: {problem}"[:LONGEST_TEXT])
            return
        log.info("%s plays on %s", port, name)

    def _say_how_things_are(self) -> None:
        if self._player.left_out != self._said_left_out:
            self._said_left_out = self._player.left_out
            log.warning("%d keys so far came too late and were not struck", self._said_left_out)
        there = sorted(port for port, sink in self._sinks.items() if sink.output is not None)
        self._tell(Report.INSTRUMENTS_ALIVE, 1.0)
        self._tell(Report.INSTRUMENTS_PORTS, ", ".join(there)[:LONGEST_TEXT] or "none")
        self._osc.send(self._renderer, Order.INSTRUMENTS, json.dumps(there))


def ask_for_real_time() -> None:
    """Where this user may: a key that waits for another program is struck late. Little is ever computed here."""
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(REAL_TIME_PRIORITY))


def main() -> None:
    parser = option_parser("Play instruments with a MIDI port when their notes are heard.")
    parser.add_argument("--instruments", default="{}", help="their settings, by the name of the port, as JSON")
    parser.add_argument("--ahead-ms", type=float, default=0.0, help="Pure Data is so far ahead of the loudspeakers")
    options = begin(parser)
    ask_for_real_time()
    settings = TypeAdapter(dict[str, Instrument]).validate_json(options.instruments)
    stopping: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    Instruments(options.runtime, options.port, options.supervisor_port, settings, options.ahead_ms / 1000).run(stopping)


if __name__ == "__main__":
    main()

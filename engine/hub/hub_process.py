"""The hub as a process: what it begins with, its loop, and what it leaves to the next one if it dies.

The supervisor has opened the socket and hands it over, so nothing that comes meanwhile is lost, and nobody who sends
notices. A hub that follows another goes on where that was: values (`state.json`), all else (`engine.hub.memory`).
"""

from __future__ import annotations

import json
import logging
import select
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, Final

from engine.files.excerpt_requests import ExcerptRequests
from engine.files.runtime_folder import RuntimeFolder
from engine.hub.access import PRIVATE, Access
from engine.hub.expected_sound import expected_sound
from engine.hub.hub import Hub
from engine.hub.memory import HubMemory, memory_of, restore
from engine.hub.metrics import METRICS_PORT, MetricsServer
from engine.hub.schedule.timekeeper import Timekeeper, follow
from engine.hub.state import ControlState
from engine.journal.place import JournalPlace
from engine.journal.room_journal import RoomJournal
from engine.osc.messages import Report
from engine.osc.port import OscPort
from engine.osc.reporter import Reporter
from engine.parameters.moods import load_mood
from engine.signals import wake_stopped_parent

GATHER_S: Final = 0.008
"""After a message arrives, the hub waits this long for its neighbours. That saves rounds, and 8 ms are not heard."""
LONGEST_ROUND_S: Final = 0.1
ALIVE_EVERY_S: Final = 0.5
LOOK_S: Final = 2.0
STRANGERS_S: Final = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubOptions:
    """What the supervisor starts a hub with."""

    runtime: Path
    socket: socket.socket
    supervisor_port: int
    mood: str
    seed: int
    allowed: tuple[IPv4Network, ...] = PRIVATE
    day: Path | None = None
    sensors: Path | None = None
    state: Path | None = None
    journal: JournalPlace | None = None
    keeps: bool = False


class HubProcess:
    """`run` blocks until `stopping` is no longer empty."""

    def __init__(self, options: HubOptions) -> None:
        self._options, self._folder = options, RuntimeFolder(options.runtime)
        self._memory = HubMemory(self._folder.hub_file)
        state = ControlState.read(self._folder.state_file)
        access = Access(options.allowed)
        osc = OscPort("", 0, access.admits, options.socket)
        self.hub = Hub(
            state or ControlState.of_mood(options.mood, load_mood(options.mood), options.seed),
            osc,
            access=access,
            sensors=options.sensors,
            kept=options.state,
            session_scratch=self._folder.session_file,
            excerpt_requests=ExcerptRequests(options.runtime / "keep") if options.keeps else None,
        )
        self.report = Reporter(osc, 0, options.supervisor_port)
        self._journal = RoomJournal(options.journal, self.hub.state.values)
        self._timekeeper: Timekeeper | None = None
        self._metrics: MetricsServer | None = None
        self._changes = 0
        self._ports = "none"
        self._alive_s = self._looked_s = self._strangers_s = 0.0

    def run(self, stopping: Sequence[object]) -> None:
        self._begin()
        while not stopping:
            self._round()
        self._end()

    def _begin(self) -> None:
        """Go on where another hub was, where there was one; then say that it is there."""
        hub, options = self.hub, self._options
        self._timekeeper = follow(options.day, hub.actions.store.names, hub)
        memory = self._memory.take()
        if memory:
            restore(hub, self._timekeeper, memory)
            hub.routing.repeat_to_room()
            hub.routing.bring_renderer_up_to_date()
        self._subscribe_journal()
        hub.reports.subscribe(self._hear_ports, Report.INSTRUMENTS_PORTS)
        self._journal.begin(resumed=bool(memory))
        try:
            self._metrics = MetricsServer(hub.osc.port + METRICS_PORT, self._status)
        except OSError as error:
            text = f"no metrics on TCP port {hub.osc.port + METRICS_PORT}: {error.strerror}"
            log.warning("%s", text, extra={"where": "/metrics"})

    def _subscribe_journal(self) -> None:
        reports, journal = self.hub.reports, self._journal
        heard = (Report.PHRASE_NOW, Report.KEEP_NOW, Report.ROOM_HOLD)
        reports.subscribe(lambda path, arguments, _: journal.report(path, arguments), *heard)
        reports.subscribe(lambda _, arguments, __: journal.trouble(str(arguments[1])), Report.TROUBLE)

    def _hear_ports(self, _: str, arguments: Sequence[object], __: float) -> None:
        """Which instruments play voices; what they alone play is not missed in the room."""
        self._ports = str(arguments[0])

    def _round(self) -> None:
        ready, _, _ = select.select([self.hub.osc.socket], [], [], min(LONGEST_ROUND_S, self.hub.due_s))
        if ready:
            time.sleep(GATHER_S)
        self.hub.step()
        now_s = time.monotonic()
        if self.hub.changes != self._changes:  # once for all the messages of a moving fader
            self._changes = self.hub.changes
            self._write_state()
        if now_s - self._alive_s >= ALIVE_EVERY_S:
            self._alive_s = now_s
            self._say_alive()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._look(now_s)

    def _write_state(self) -> None:
        with suppress(OSError):  # the folder is gone or full: the supervisor says so, and makes it anew
            self.hub.state.write(self._folder.state_file)
        self._journal.values(self.hub.state.values)

    def _say_alive(self) -> None:
        state = self.hub.state
        wanted, raised_db = expected_sound({**state.sound, **state.room}, self._ports)
        self.report(Report.HUB_ALIVE, state.mood, state.seed, float(wanted), raised_db)
        with suppress(OSError):
            self._memory.write(memory_of(self.hub, self._timekeeper))

    def _look(self, now_s: float) -> None:
        """What is due every other second."""
        if wake_stopped_parent():
            log.warning("was stopped, and goes on", extra={"where": "/lamp/supervisor"})
        if not self._folder.state_file.exists():
            self._write_state()
        if self._timekeeper:
            self._timekeeper.step()
        self._journal.alive(now_s)
        if now_s - self._strangers_s >= STRANGERS_S:
            self._strangers_s = now_s
            self._name_strangers()

    def _name_strangers(self) -> None:
        """Who knocks and is not heard: each half minute, for it may be the artist's own laptop."""
        for where, text in self.hub.access.news():
            log.warning("%s", text, extra={"where": where})

    def _status(self) -> Mapping[str, Any]:
        """The supervisor's last report; nothing where it has written none yet."""
        try:
            found: dict[str, Any] = json.loads(self._folder.status_file.read_text("utf-8"))
            return found
        except (OSError, ValueError):
            return {}

    def _end(self) -> None:
        if self._metrics:
            self._metrics.close()
        self.hub.close()
        self._journal.end()

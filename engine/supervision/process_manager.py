"""All processes of the installation by name: started when due, ended when they hang, replaced when they die."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from engine.osc.messages import Order, Report
from engine.room.recording import Recording
from engine.supervision.forking.nursery import Nursery
from engine.supervision.logs import trouble
from engine.supervision.loop_lag import LoopLag
from engine.supervision.orders import Orders
from engine.supervision.process import Process
from engine.supervision.process_table import ProcessTable
from engine.supervision.room_failover import RoomFailover
from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage

SURFACE_TRIES: Final = 3
LOOKS_EVERY_S: Final = 0.2
"""`watch` is called at least this often, unless the machine is too busy."""
WAIT_FOR_SOUND: Final = ("archivist", "midi", "web", "alerts", "instruments", "streamer", "zones", "snapserver")
"""These start when the room sounds: until then the processor is needed elsewhere."""


SPEAKERS: Final[Mapping[str, str]] = {
    Report.SAMPLER_ALIVE: "sampler",
    Report.ARCHIVIST_ALIVE: "archivist",
    Report.MIDI_ALIVE: "midi",
    Report.INSTRUMENTS_ALIVE: "instruments",
    Report.STREAMER_ALIVE: "streamer",
    Report.ZONES_ALIVE: "zones",
    Report.SNAPSERVER_ALIVE: "snapserver",
    Report.WEB_ALIVE: "web",
    Report.ALERT_NOW: "alerts",
    Report.HUB_ALIVE: "hub",
    Report.RENDERER_LEAD: "renderer",
    Report.ROOM_OUTPUT: "room",
    Report.ROOM_METER: "room",
}
"""Whose sign of life a report is."""

log = logging.getLogger(__name__)


class ProcessManager:
    """Says in the log what happens to them. Rooms record `recording`; from the `nursery` the others are forked."""

    def __init__(
        self,
        table: ProcessTable,
        orders: Orders,
        statistics: Statistics,
        recording: Recording | None,
        hold_file: Path,
        nursery: Nursery | None = None,
    ) -> None:
        self._orders, self._statistics, self._hold_file = orders, statistics, hold_file
        self._nursery = nursery
        self.processes = table.processes()
        self.hold_maker = table.hold_maker()
        self.rooms = RoomFailover(table, orders, self.processes["room"], recording)
        self._loop_lag = LoopLag(LOOKS_EVERY_S)
        self._ending: dict[str, int | None] = {}
        """Numbers of processes that did not answer and were told to end, by name."""
        self.usage = {name: Usage() for name in ("supervisor", "nursery", *self.processes, "spare")}

    def hear(self, path: str, _arguments: tuple[object, ...], now_s: float) -> None:
        """A report is a sign of life of who says it."""
        if path == Report.ROOM_WAITING:
            self.rooms.spare.heard(now_s)
        elif (speaker := self.processes.get(SPEAKERS.get(path, ""))) is not None:
            speaker.heard(now_s)

    def everybody(self) -> dict[str, Process]:
        return {**self.processes, "spare": self.rooms.spare, "hold": self.hold_maker}

    # --------------------------------------------------------------- watch

    def watch(self, now_s: float) -> None:
        """Notice what died, end what hangs, then start what is due.

        A start takes the supervisor a twentieth of a second. A room that dies meanwhile is heard, so it does not wait.
        """
        late_s = self._loop_lag.look(now_s)
        if self._nursery:
            self._nursery.watch()
        settled = self._statistics.settled(now_s)
        if self.hold_maker.starts == 0 and settled:
            self.hold_maker.start_if_due(now_s)
        elif why := self.hold_maker.ended(now_s):
            self._after_hold_maker(why)
        if self.rooms.stands_still(now_s, late_s):
            self._end_silent(self.processes["room"])
        watched = [one for one in self.processes.values() if settled or one.name not in WAIT_FOR_SOUND]
        for process in watched:
            self._notice_end(process, now_s)
        for process in watched:
            if process.name in self.processes and process.start_if_due(now_s):
                if process.starts > 1:
                    log.info("%s started again", process.name, extra={"event": "restart", "part": process.name})
                self._notice_end(self.processes["room"], now_s)
        self.rooms.watch(now_s)

    def _notice_end(self, process: Process, now_s: float) -> None:
        if process.hangs(now_s):
            if process.name == "room":
                self.rooms.no_sound_from_card(now_s)
            self._end_silent(process)
        if why := process.ended(now_s):
            self._after_death(process, why, now_s)

    def _end_silent(self, process: Process) -> None:
        if self._ending.get(process.name) != process.pid:  # on a busy machine a process takes its time to die
            trouble(log, process.name, "does not answer and is ended")
        self._ending[process.name] = process.pid
        process.kill()
        process.wait(0.2)

    def start_anew(self, name: str, why: str) -> None:
        """End a process that runs and yet does not do its work; the next look starts another."""
        trouble(log, name, f"is started anew, for {why}")
        self.processes[name].kill()

    def excuse(self, away_s: float) -> None:
        """The supervisor did not listen for so long, so their silence is not their fault."""
        for process in self.everybody().values():
            process.excuse(away_s)

    def _after_hold_maker(self, why: str) -> None:
        if why.endswith("status 0"):
            self._orders.to_room(Order.HOLD_LOAD, str(self._hold_file))
        else:
            trouble(log, "hold", " ".join([why, *self.hold_maker.last_words()]))

    def _after_death(self, process: Process, why: str, now_s: float) -> None:
        if process.name == "surface" and (why.endswith("status 0") or process.failures >= SURFACE_TRIES):
            log.info("the window is closed; the room plays on (`make surface` opens it again)")
            del self.processes["surface"]
            return
        words = process.last_words()
        if process.name == "room":
            self._statistics.room_died(now_s)
            self.rooms.died(now_s)
            if self.rooms.take_over(now_s):
                why += "; the spare room takes its place"
        trouble(log, process.name, why)
        for line in words:
            log.warning("  %s: %s", process.name, line, extra={"event": "last words", "part": process.name})

    # ------------------------------------------------------------- figures

    def lamps(self) -> dict[str, float]:
        """1 on, 0.5 starting, 0 off; hold is 1 while the room plays its hold loop."""
        parts = {name: process.lamp for name, process in self.processes.items() if name != "surface"}
        order = {name: parts[name] for name in ("sampler", "renderer", "room")}
        return {**order, "hold": 1.0 if self._statistics.in_hold else 0.0}

    def pids(self) -> dict[str, int | None]:
        """Process numbers by role, the supervisor that asks among them."""
        everybody = self.everybody()
        others = [name for name in (*WAIT_FOR_SOUND, "surface") if name in everybody]
        parts = {name: everybody[name].pid for name in ("hub", "sampler", "renderer", "room", *others, "spare")}
        return {"supervisor": os.getpid(), **parts, "nursery": self._nursery.pid if self._nursery else None}

    def restarts(self) -> dict[str, int]:
        return {name: max(0, process.starts - 1) for name, process in self.processes.items()}

    def look_at_usage(self) -> None:
        self.usage["supervisor"].look_at_self()
        if self._nursery and self._nursery.pid is not None:
            self.usage["nursery"].look(self._nursery.pid)
        for name, process in {**self.processes, "spare": self.rooms.spare}.items():
            if process.pid is not None:
                self.usage[name].look(process.pid, has_children=name == "surface")  # whose window is a process

    # ---------------------------------------------------------------- stop

    def ask_to_stop(self) -> None:
        """All but the room, which fades first."""
        for name, process in self.everybody().items():
            if name != "room":
                process.ask_to_stop()

    def end(self, wait_s: float = 0.0) -> None:
        """Ends all that still run, now."""
        for process in self.everybody().values():
            process.kill()
            process.wait(wait_s)

"""All processes of the installation by name: started when due, ended when they hang, replaced when they die."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import psutil

from engine.hub.hub import Hub
from engine.osc.messages import Order
from engine.room.recording import Recording
from engine.supervision.console import Status
from engine.supervision.keeper_link import KeeperLink
from engine.supervision.loop_lag import LoopLag
from engine.supervision.process import Process
from engine.supervision.process_table import ProcessTable
from engine.supervision.room_failover import RoomFailover
from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage

SURFACE_TRIES: Final = 3
LOOKS_EVERY_S: Final = 0.2
"""`watch` is called at least this often, unless the machine is too busy."""
WAIT_FOR_SOUND: Final = ("archivist", "midi")
"""These start when the room sounds: until then the processor is needed elsewhere."""


class ProcessManager:
    """`trouble(name, what)` tells people what went wrong; `taken_over()` is called after a spare room took over."""

    def __init__(
        self,
        parts: ProcessTable,
        hub: Hub,
        monitor: Statistics,
        status: Status,
        recording: Recording | None,
        trouble: Callable[[str, str], None],
        note: Callable[[str, str], None],
        taken_over: Callable[[], None],
    ) -> None:
        self._hub, self._monitor, self._status = hub, monitor, status
        self._trouble, self._taken_over = trouble, taken_over
        self.processes = parts.processes()
        self.hold_maker = parts.hold_maker()
        self.rooms = RoomFailover(parts, hub, self.processes["room"], recording, trouble, note)
        self._lateness = LoopLag(LOOKS_EVERY_S)
        self.usage = {name: Usage() for name in ("supervisor", *self.processes, "spare")}

    def everybody(self) -> dict[str, Process]:
        return {**self.processes, "spare": self.rooms.spare, "hold": self.hold_maker}

    # --------------------------------------------------------------- watch

    def watch(self, now_s: float, hold_file: Path, *, deaf: bool) -> None:
        """Start what is due, notice what died, end what hangs; `hold_file` is the hold loop once it is made.

        Who is `deaf`, because other messages flood in, draws no quick conclusions from silence.
        """
        late_s = self._lateness.look(now_s)
        settled = self._monitor.settled(now_s)
        if self.hold_maker.starts == 0 and settled:
            self.hold_maker.start_if_due(now_s)
        elif why := self.hold_maker.ended(now_s):
            self._after_hold_maker(why, hold_file)
        if not deaf and self.rooms.stands_still(now_s, late_s):
            self._end_silent(self.processes["room"])
        for process in list(self.processes.values()):
            if settled or process.name not in WAIT_FOR_SOUND:
                self._watch_one(process, now_s)
        self.rooms.watch(now_s)

    def _watch_one(self, process: Process, now_s: float) -> None:
        if process.hangs(now_s):
            if process.name == "room":
                self.rooms.no_sound_from_card(now_s)
            self._end_silent(process)
        why = process.ended(now_s)
        if why:
            self._after_death(process, why, now_s)
        if process.start_if_due(now_s) and process.starts > 1:
            self._status.say(f"{process.name} started again", event="restart", part=process.name)

    def _end_silent(self, process: Process) -> None:
        self._trouble(process.name, "does not answer and is ended")
        process.kill()
        process.wait(0.2)

    def start_anew(self, name: str, why: str) -> None:
        """End a process that runs and yet does not do its work; the next look starts another."""
        self._trouble(name, f"is started anew, for {why}")
        self.processes[name].kill()

    def excuse(self, away_s: float) -> None:
        """Nobody listened for so long: that they were not heard is not their fault."""
        for process in self.everybody().values():
            process.excuse(away_s)

    def _after_hold_maker(self, why: str, hold_file: Path) -> None:
        if why.endswith("status 0"):
            self._hub.tell_room(Order.HOLD_LOAD, str(hold_file))
        else:
            self._trouble("hold", " ".join([why, *self.hold_maker.last_words()]))

    def _after_death(self, process: Process, why: str, now_s: float) -> None:
        if process.name == "surface" and (why.endswith("status 0") or process.failures >= SURFACE_TRIES):
            self._status.say("the window is closed; the room plays on (`make surface` opens it again)")
            del self.processes["surface"]
            return
        words = process.last_words()
        if process.name == "room":
            self._monitor.room_died(now_s)
            if self.rooms.take_over(now_s):
                self._taken_over()
                why += "; the spare room takes its place"
        self._trouble(process.name, why)
        for line in words:
            self._status.say(f"  {process.name}: {line}", trouble=True, event="last words", part=process.name)

    # ------------------------------------------------------------- figures

    def lamps(self) -> dict[str, float]:
        """1 on, 0.5 starting, 0 off; hold is 1 while the room plays its hold loop."""
        parts = {name: process.lamp for name, process in self.processes.items() if name != "surface"}
        order = {name: parts[name] for name in ("sampler", "renderer", "room")}
        return {**order, "hold": 1.0 if self._monitor.in_hold else 0.0}

    def pids(self) -> dict[str, int | None]:
        """Process numbers by role, the supervisor that asks and its keeper among them."""
        everybody, own = self.everybody(), psutil.Process()
        others = [name for name in ("archivist", "midi", "surface") if name in everybody]
        parts = {name: everybody[name].pid for name in ("sampler", "renderer", "room", *others, "spare")}
        return {"supervisor": own.pid, **parts, "keeper": own.ppid()}

    def restarts(self) -> dict[str, int]:
        return {name: max(0, process.starts - 1) for name, process in self.processes.items()}

    def look_at_usage(self) -> None:
        self.usage["supervisor"].look_at_self()
        for name, process in {**self.processes, "spare": self.rooms.spare}.items():
            if process.pid is not None:
                self.usage[name].look(process.pid, has_children=name == "surface")  # whose window is a process

    # -------------------------------------------------------------- memory

    def memory(self) -> dict[str, Any]:
        """What the next supervisor must know of the processes."""
        return {name: process.memory() for name, process in self.everybody().items()}

    def take_over(self, memory: Mapping[str, Any], link: KeeperLink, now_s: float) -> None:
        """Go on with what a supervisor before this one left running."""
        for name, process in self.everybody().items():
            if name in memory:
                process.remember(memory[name], link.adopt, now_s)
        if "surface" not in memory:
            self.processes.pop("surface", None)

    # ---------------------------------------------------------------- stop

    def ask_to_stop(self) -> None:
        """All but the room, which fades first."""
        for name, process in self.everybody().items():
            if name != "room":
                process.ask_to_stop()

    def end(self, wait_s: float = 0.0) -> None:
        """End whatever still runs, now."""
        for process in self.everybody().values():
            process.kill()
            process.wait(wait_s)

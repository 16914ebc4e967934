"""Starts the processes of the installation, watches and restarts them, and stops them in order.

One thread, one loop: the hub's messages, the processes' health, what is heard, the display. No torch, no pyo, nothing
that could keep the loop from coming round a hundred times a second. It runs under a keeper (`keeper.py`), which
holds the processes: a supervisor that dies is followed by another, which takes over all that still runs.
"""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any, Final

from engine.files.keep_requests import KeepRequests
from engine.files.runtime_folder import RuntimeFolder
from engine.hub.hub import Hub
from engine.hub.schedule.timekeeper import follow
from engine.hub.state import ControlState
from engine.journal.room_journal import RoomJournal
from engine.osc.messages import Order
from engine.osc.port import LOOPBACK, OscPort
from engine.room.recording import Recording
from engine.supervision.console import Status
from engine.supervision.housekeeping import Housekeeping
from engine.supervision.keeper_link import KeeperLink
from engine.supervision.monitoring.event_log import EventLog
from engine.supervision.monitoring.report import report
from engine.supervision.monitoring.sound_watchdog import SoundWatchdog
from engine.supervision.monitoring.status_publisher import StatusPublisher
from engine.supervision.process_manager import ProcessManager
from engine.supervision.process_table import ProcessTable, RunOptions
from engine.supervision.report_handlers import Reports
from engine.supervision.statistics import Statistics
from engine.supervision.summary import summarise

PORTS: Final = 4
"""hub, room, renderer, spare room: this many from the first one on."""
LOOK_S: Final = 0.1
TELL_S: Final = 1.0
AWAY_S: Final = 3.0
"""When the loop came round this late (suspended, stopped), nobody else's silence proves anything."""
FLOODED_S: Final = 5.0
"""So long after a flood of messages, what was not heard proves nothing."""
GATHER_S: Final = 0.008
"""After a message arrives, wait this long for its neighbours: fewer rounds, and nobody hears 8 ms."""
FADE_OUT_S: Final = 2.2
"""The room fades for 1 s, closes its recording, and quits; then it is ended."""


class Supervisor:
    """`run` blocks until the installation was asked to stop, and returns the figures of the run."""

    def __init__(
        self,
        options: RunOptions,
        state: ControlState,
        folder: RuntimeFolder,
        status: Status,
        link: KeeperLink,
        started_s: float,
    ) -> None:
        """Raises ControlError where a port is taken. `started_s`: when the command was given, monotonic."""
        self.options, self.state, self.folder, self.status, self._link = options, state, folder, status, link
        status.events = EventLog(folder.logs)
        self.monitor = Statistics(started_s)
        if link.memory:
            state.remember(link.memory["state"])
            self.monitor = Statistics(**link.memory["monitor"])
        self.journal = RoomJournal(options.journal, state.values)
        self._reports: Reports | None = None
        self.hub = Hub(
            state,
            options.port,
            listen=options.listen,
            allowed=options.allowed,
            sensors=options.sensors,
            kept=options.state,
            on_report=self._take_report,
            on_change=self._note_change,
        )
        if not link.memory:
            for extra in range(1, PORTS):
                OscPort(LOOPBACK, options.port + extra).close()  # raises, with what to do, where a port is taken
        self.crew = ProcessManager(
            ProcessTable(options, state, folder, link.start),
            self.hub,
            self.monitor,
            status,
            options.recording,
            self._trouble,
            lambda name, what: self._say(f"{name}: {what}", False, "note"),
            lambda: link.remember(self._memory()),
        )
        self._supervisors = 1
        self._house = Housekeeping(folder, self.journal, self.crew.rooms, self.hub.gate, self._say)
        self.watchman = SoundWatchdog(
            self.monitor, lambda text, bad, check: self._say(text, bad, "audible", check=check)
        )
        self.watchman.faders(state.room)
        self.teller = StatusPublisher(folder.path, options.port, time.monotonic(), self._say)
        keeps = KeepRequests(folder.path / "keep") if options.keeps else None
        self._reports = Reports(self.crew, self.monitor, self.watchman, self.hub, status, self._ending, keeps)
        status.on_trouble = self.journal.trouble
        names = self.hub.desk.store.names
        self._timekeeper = follow(options.day, names, self.hub, lambda what: self._trouble("day", what))
        self._stop_asked = 0
        self._stopping = self._state_changed = False
        self._looked_s = time.monotonic()
        self._told_s = 0.0
        if link.memory:
            self._take_over(link)

    def _take_over(self, link: KeeperLink) -> None:
        """Go on with what a supervisor before this one left running."""
        memory = link.memory
        self._supervisors = memory["supervisors"] + 1
        self.crew.rooms.remember(memory["rooms"])
        self.teller.remember(memory["teller"])
        self.crew.take_over(memory["processes"], link, time.monotonic())
        self.status.say("a new supervisor watches over what plays", trouble=True, event="restart", part="supervisor")

    # ---------------------------------------------------------------- loop

    def run(self) -> dict[str, Any]:
        self._state_changed = True
        self.journal.begin(resumed=bool(self._link.memory))
        self.hub.show("/reel/late", float(self.monitor.late_reels))
        self.status.open()
        if why_not := self.hub.serve_namespace():
            self._say(why_not, True, "oscquery")
        try:
            with self._signals():
                while not self._finished():
                    self._round_whatever_happens()
                now_s = time.monotonic()
                self.crew.look_at_usage()
                figures = summarise(self.monitor, self.crew.usage, now_s, self.crew.restarts())
                self._stop()
        finally:
            self.crew.end()
            self.hub.close()
            self.status.close()
            self.journal.end()
        return figures

    def _round_whatever_happens(self) -> None:
        """The music must not end for a fault in what only watches over it."""
        try:
            self._round()
        except Exception as error:
            self._trouble("supervisor", f"stumbled: {type(error).__name__}: {error}")
            time.sleep(LOOK_S)

    def _round(self) -> None:
        """Once round the loop; returns at the latest after `LOOK_S`."""
        sockets = [self.hub.osc.socket, self._link.socket]
        ready, _, _ = select.select(sockets, [], [], min(LOOK_S, self.hub.due_s))
        if ready == sockets[:1]:
            time.sleep(GATHER_S)
        self.hub.step()
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_S or sockets[1] in ready:  # the keeper speaks when a process has ended
            self._excuse_all_after(now_s - self._looked_s)
            self._looked_s = now_s
            self._watch(now_s)
            self.status.refresh(self.state, self.monitor, self.crew.lamps(), now_s)
        if self._state_changed:  # once for all the messages of a moving fader
            self._keep_state()
        if now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            self._link.remember(self._memory())
            self.teller.tell(self.report(now_s), audible=self.watchman.audible(now_s), now_s=now_s)
        if self._house.due(now_s):
            self._keep_house(now_s)

    def _keep_state(self) -> None:
        self._state_changed = False
        self.watchman.faders(self.state.room)
        self.state.write(self.folder.state_file)
        self.journal.values(self.state.values)

    def _keep_house(self, now_s: float) -> None:
        if self.folder.mend():
            self._state_changed = True
            self._trouble("runtime folder", f"{self.folder.path} was removed and is made anew")
        if self._link.wake():
            self._trouble("keeper", "was stopped, and goes on")
        if self._timekeeper:
            self._timekeeper.step()
        self.crew.look_at_usage()
        self._house.step(now_s)

    def _finished(self) -> bool:
        if self._stop_asked:
            return True
        if self.options.minutes is not None:
            return time.monotonic() - self.monitor.started_s >= self.options.minutes * 60.0
        return False

    def _ending(self) -> bool:
        return self._stopping or self._finished()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C, a closed terminal and a service manager's stop all ask for the same; asking twice is at once."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask_to_stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked += 1

    # --------------------------------------------------------------- watch

    def _watch(self, now_s: float) -> None:
        """Start what is due, notice what died, end what hangs or is not heard; then show the lamps."""
        deaf = now_s - self.hub.flooded_s < FLOODED_S
        self.crew.watch(now_s, self.folder.hold_file, deaf=deaf)
        if deaf:
            self.watchman.hears_badly()
        if step := self.watchman.look(now_s):
            self.crew.start_anew(*step)
        for name, value in self.crew.lamps().items():
            self.hub.show(f"/lamp/{name}", value)

    def _excuse_all_after(self, away_s: float) -> None:
        if away_s < AWAY_S:
            return
        self.watchman.was_away()
        self.crew.excuse(away_s)
        self._say(f"nobody watched for {away_s:.1f} s (suspended, or stopped)", True, "away")

    def _trouble(self, name: str, what: str) -> None:
        self.status.say(f"{name} {what}", trouble=True, event="trouble", part=name)
        self.hub.report_error(f"/lamp/{name}", what)

    def _say(self, text: str, trouble: bool, event: str, **fields: object) -> None:
        self.status.say(text, trouble=trouble, event=event, **fields)
        if trouble:
            self.hub.report_error(f"/{event}", text)

    # ------------------------------------------------------------- figures

    def report(self, now_s: float) -> dict[str, Any]:
        """The state of everything; see `engine.supervision.monitoring.report`."""
        return report(
            state=self.state,
            monitor=self.monitor,
            usage=self.crew.usage,
            pids=self.crew.pids(),
            restarts={"supervisor": self._supervisors - 1, **self.crew.restarts()},
            failing=self.watchman.judge.failing,
            disk=self._house.disk,
            now_s=now_s,
        )

    def _memory(self) -> dict[str, Any]:
        """What the next supervisor needs, should this one die."""
        return {
            "state": asdict(self.state),
            "monitor": asdict(self.monitor),
            "processes": self.crew.memory(),
            "rooms": self.crew.rooms.memory(),
            "teller": self.teller.memory(),
            "supervisors": self._supervisors,
        }

    def _take_report(self, path: str, arguments: tuple[object, ...]) -> None:
        if self._reports:
            self._reports.take(path, arguments, time.monotonic())
            self.journal.report(path, arguments)

    def _note_change(self) -> None:
        self._state_changed = True

    # ---------------------------------------------------------------- stop

    def _stop(self) -> None:
        """Music first fades in the room, then everything ends; a second Ctrl-C skips the fade."""
        self._stopping = True
        self.status.close()
        self.status.say("stopping", event="stop")
        asked = self._stop_asked
        self.hub.tell_room(Order.ROOM_STOP)
        self.crew.ask_to_stop()
        end_s = time.monotonic() + FADE_OUT_S
        room = self.crew.processes["room"]
        while time.monotonic() < end_s and self._stop_asked <= max(asked, 1):
            select.select([self.hub.osc.socket], [], [], 0.05)
            self.hub.step()
            if room.wait(0.0):
                break
        stopped_s = time.monotonic()
        self.crew.end(wait_s=0.3)
        if self.options.recording:
            self._finish_recording(self.options.recording, stopped_s)
        self.teller.close(self.report(time.monotonic()))

    def _finish_recording(self, recording: Recording, stopped_s: float) -> None:
        full, length_s = recording.full, recording.finish()
        said = f"recorded {length_s:.1f} s to {recording.path}"
        self.status.say(said, event="recorded", begins_s=recording.begins_s)
        if length_s and not full and (missing_s := recording.missing_s(stopped_s)):
            what = f"the recording lacks {missing_s:.1f} s: its disk was too slow, or this machine slept"
            self.status.say(what, trouble=True, event="record")

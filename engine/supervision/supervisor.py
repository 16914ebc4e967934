"""Starts the processes of the installation, judges by what is heard of them, restarts them, and stops them in order.

The outermost process, in one thread: all others end with it. So it does little, and knows nothing of what people
outside say: that is the hub's, a process like the others. It hears reports (`engine.osc.messages`) on its own socket.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import Any, Final

from engine.files.runtime_folder import RuntimeFolder
from engine.osc.dispatcher import Dispatcher
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, Message, OscPort, open_socket
from engine.room.recording import Recording
from engine.signals import kernel_ends_children
from engine.supervision.console import Display
from engine.supervision.forking.nursery import Nursery
from engine.supervision.housekeeping import Housekeeping
from engine.supervision.logs import log_also_to, trouble
from engine.supervision.monitoring.report import report
from engine.supervision.monitoring.sound_watchdog import SoundWatchdog
from engine.supervision.monitoring.status_publisher import StatusPublisher
from engine.supervision.orders import Orders
from engine.supervision.orphan_reaper import OrphanReaper
from engine.supervision.process import Starter, start_directly
from engine.supervision.process_manager import ProcessManager
from engine.supervision.process_table import ProcessTable, RunOptions, Sockets
from engine.supervision.report_handlers import ReportHandlers
from engine.supervision.statistics import Statistics
from engine.supervision.summary import summarise

PORTS: Final = 5
"""hub, room, renderer, spare room, instruments: this many from the first one on."""
LOOK_S: Final = 0.1
TELL_S: Final = 1.0
AWAY_S: Final = 3.0
"""When the loop itself was this late (suspended, stopped), the silence of others proves nothing."""
FADE_OUT_S: Final = 2.2
"""The room fades for 1 s, closes its recording, and quits; then it is ended."""

log = logging.getLogger(__name__)


class Supervisor:
    """`run` blocks until the installation was asked to stop, and returns the figures of the run."""

    def __init__(self, options: RunOptions, folder: RuntimeFolder, display: Display, started_s: float) -> None:
        """Raises ControlError where a port is taken. `started_s`: when the command was given, monotonic."""
        self.options, self.folder, self._display = options, folder, display
        self._nursery = Nursery(folder.log("nursery")) if Nursery.possible() else None
        self._hub_socket = open_socket("0.0.0.0" if options.listen else LOOPBACK, options.port)  # noqa: S104
        for extra in range(1, PORTS):
            open_socket(LOOPBACK, options.port + extra).close()  # raises, with what to do, where a port is taken
        self._osc = OscPort(LOOPBACK, 0)
        self._orders = Orders(self._osc, options.port)
        log_also_to(folder.logs, self._orders)
        self._orphan_reaper = None if kernel_ends_children() else OrphanReaper()
        self.statistics = Statistics(started_s, mood=options.mood, seed=options.seed)
        sockets = Sockets(self._hub_socket.fileno(), self._osc.port)
        table = ProcessTable(options, folder, sockets, self._starter())
        self.manager = ProcessManager(
            table, self._orders, self.statistics, options.recording, folder.hold_file, self._nursery
        )
        self.watchdog = SoundWatchdog(self.statistics)
        self._publisher = StatusPublisher(folder.status_file, time.monotonic())
        self._housekeeping = Housekeeping(folder, self.manager.rooms)
        self._reports = Dispatcher()
        for handler in (self.statistics.take, self.watchdog.take, self.manager.hear):
            self._reports.subscribe(handler)
        ReportHandlers(self._reports, self.manager, self.statistics, self._ending)
        self._wake, self._waker = os.pipe()
        self._stop_asked = 0
        self._stopping = False
        self._looked_s, self._told_s = time.monotonic(), 0.0
        self._told_lamps: dict[str, float] = {}

    def _starter(self) -> Starter:
        if self._nursery:
            return self._nursery.start
        return partial(start_directly, begin=self._orphan_reaper.begin) if self._orphan_reaper else start_directly

    # ---------------------------------------------------------------- loop

    def run(self) -> dict[str, Any]:
        self._display.open()
        try:
            with self._signals():
                while not self._finished():
                    self._round_whatever_happens()
                now_s = time.monotonic()
                self.manager.look_at_usage()
                figures = summarise(self.statistics, self.manager.usage, now_s, self.manager.restarts())
                self._stop()
        finally:
            self.manager.end()
            self._display.close()
            self._close()
        return figures

    def _round_whatever_happens(self) -> None:
        """The music must not end for a fault in what only watches over it."""
        try:
            self._round()
        except Exception as error:
            trouble(log, "supervisor", f"stumbled: {type(error).__name__}: {error}")
            time.sleep(LOOK_S)

    def _round(self) -> None:
        """Once round the loop; returns at the latest after `LOOK_S`."""
        somebody_ended = self._listen(LOOK_S)
        now_s = time.monotonic()
        if somebody_ended or now_s - self._looked_s >= LOOK_S:
            self._excuse_all_after(now_s - self._looked_s)
            self._looked_s = now_s
            self._watch(now_s)
        if now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            self._publisher.publish(self.report(now_s), audible=self.watchdog.audible(now_s), now_s=now_s)
            self._orders.to_hub(Report.LATE, float(self.statistics.late_reels))
            self._told_lamps = {}  # so that a hub that has just started is told of all
        if self._housekeeping.step_if_due(now_s):
            self.manager.look_at_usage()

    def _listen(self, longest_s: float) -> bool:
        """Take the reports that have come, after `longest_s` at the latest; whether a process has ended."""
        ready, _, _ = select.select([self._osc.socket.fileno(), self._wake], [], [], longest_s)
        for item in self._osc.received():
            if isinstance(item, Message):
                self._reports.dispatch(item.path, item.arguments, time.monotonic())
        if self._wake not in ready:
            return False
        with suppress(BlockingIOError):
            while os.read(self._wake, 512):
                pass
        return True

    def _finished(self) -> bool:
        if self._stop_asked:
            return True
        if self.options.minutes is not None:
            return time.monotonic() - self.statistics.started_s >= self.options.minutes * 60.0
        return False

    def _ending(self) -> bool:
        return self._stopping or self._finished()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Ctrl-C, a closed terminal and a service manager's stop all ask for the same; asking twice is at once.

        They wake the loop, and so does a process that ends.
        """
        for end in (self._wake, self._waker):
            os.set_blocking(end, False)
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._ask_to_stop) for number in numbers}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        before_fd = signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before_fd)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_asked += 1

    # --------------------------------------------------------------- watch

    def _watch(self, now_s: float) -> None:
        """Start what is due, notice what died, end what hangs or is not heard; then show how things are."""
        self.manager.watch(now_s)
        if step := self.watchdog.look(now_s):
            self.manager.start_anew(*step)
        lamps = self.manager.lamps()
        self._display.refresh(self.statistics, lamps, now_s)
        for name, value in lamps.items() - self._told_lamps.items():
            self._orders.to_hub(Report.LAMP, name, value)
        self._told_lamps = lamps

    def _excuse_all_after(self, away_s: float) -> None:
        if away_s < AWAY_S:
            return
        self.watchdog.was_away()
        self.manager.excuse(away_s)
        text = f"nobody watched for {away_s:.1f} s (suspended, or stopped)"
        log.warning("%s", text, extra={"event": "away", "where": "/away"})

    # ------------------------------------------------------------- figures

    def report(self, now_s: float) -> dict[str, Any]:
        """The state of everything; see `engine.supervision.monitoring.report`."""
        return report(
            statistics=self.statistics,
            usage=self.manager.usage,
            pids=self.manager.pids(),
            restarts=self.manager.restarts(),
            failing=self.watchdog.judge.failing,
            disk=self._housekeeping.disk,
            now_s=now_s,
            card_trouble=self.manager.rooms.card_trouble,
        )

    # ---------------------------------------------------------------- stop

    def _stop(self) -> None:
        """Music first fades in the room, then everything ends; a second Ctrl-C skips the fade."""
        self._stopping = True
        self._display.close()
        log.info("stopping", extra={"event": "stop"})
        once = max(self._stop_asked, 1)
        self._orders.to_room(Order.ROOM_STOP)
        self.manager.ask_to_stop()
        end_s = time.monotonic() + FADE_OUT_S
        self._await_end("room", end_s, once)  # after its fade
        stopped_s = time.monotonic()
        self._await_end("hub", end_s, once)  # when it has written what it knows
        self.manager.end(wait_s=0.3)
        if self.options.recording:
            _finish_recording(self.options.recording, stopped_s)
        self._publisher.close(self.report(time.monotonic()))

    def _await_end(self, name: str, end_s: float, once: int) -> None:
        """Of a process, until `end_s`, or until somebody asks more than `once`."""
        while time.monotonic() < end_s and self._stop_asked <= once and not self.manager.processes[name].wait(0.0):
            self._listen(0.05)

    def _close(self) -> None:
        if self._orphan_reaper:
            self._orphan_reaper.close()
        if self._nursery:
            self._nursery.close()
        self._osc.close()
        self._hub_socket.close()
        for end in (self._wake, self._waker):
            os.close(end)


def _finish_recording(recording: Recording, stopped_s: float) -> None:
    full, length_s = recording.full, recording.finish()
    extra = {"event": "recorded", "begins_s": recording.begins_s}
    log.info("recorded %.1f s to %s", length_s, recording.path, extra=extra)
    if length_s and not full and (missing_s := recording.missing_s(stopped_s)):
        what = f"the recording lacks {missing_s:.1f} s: its disk was too slow, or this machine slept"
        log.warning("%s", what, extra={"event": "record"})

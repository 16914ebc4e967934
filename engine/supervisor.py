"""Starts the processes of the installation, watches and restarts them, and stops them in order.

One thread, one loop: the hub's messages, the processes' health, the display. No torch, no pyo, nothing
that could keep the loop from coming round a hundred times a second.
"""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

import psutil

from engine.control_state import ControlState
from engine.hub import Hub
from engine.monitor import Monitor
from engine.osc_port import LOOPBACK, OscPort
from engine.parts import Parts, RunOptions
from engine.processes import Process
from engine.runtime_folder import RuntimeFolder
from engine.status import Status
from engine.summary import Usage, summarise

PORTS: Final = 3
"""hub, room, renderer: this many from the first one on."""
LOOK_S: Final = 0.1
HOUSEKEEPING_S: Final = 2.0
GATHER_S: Final = 0.008
"""After a message arrives, wait this long for its neighbours: fewer rounds, and nobody hears 8 ms."""
FADE_OUT_S: Final = 2.2
"""The room fades for 1 s, closes its recording, and quits; then it is ended."""
ROOM_TRIES_WITH_SOUND: Final = 2
SURFACE_TRIES: Final = 3


class Supervisor:
    """`run` blocks until the installation was asked to stop, and returns the figures of the run."""

    def __init__(self, options: RunOptions, state: ControlState, folder: RuntimeFolder, status: Status) -> None:
        self.options, self.state, self.folder, self.status = options, state, folder, status
        self.monitor = Monitor(started_s=process_start_s())
        self.hub = Hub(
            state, options.port, listen=options.listen, on_report=self._take_report, on_change=self._note_change
        )
        for extra in range(1, PORTS):
            OscPort(LOOPBACK, options.port + extra).close()  # raises, with what to do, where a port is taken
        self._parts = Parts(options, state, folder)
        self.processes = self._parts.processes()
        self.usage = {name: Usage() for name in ("supervisor", *self.processes)}
        self._hold_maker = self._parts.hold_maker()
        self._stop_asked = 0
        self._stopping = self._state_changed = False
        self._recorded_start = 0
        self._record_ended = False
        self._looked_s = self._housekept_s = 0.0

    # ---------------------------------------------------------------- loop

    def run(self) -> dict[str, Any]:
        self.state.write(self.folder.state_file)
        self.hub.show("/reel/late", 0.0)
        self.status.open()
        try:
            with self._signals():
                while not self._finished():
                    self._round_whatever_happens()
                now_s = time.monotonic()
                self._look_at_usage()
                figures = summarise(self.monitor, self.usage, now_s, self._restarts())
                self._stop()
        finally:
            for process in (*self.processes.values(), self._hold_maker):
                process.kill()
            self.hub.close()
            self.status.close()
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
        ready, _, _ = select.select([self.hub.osc.socket], [], [], min(LOOK_S, self.hub.due_s))
        if ready:
            time.sleep(GATHER_S)
        self.hub.step()
        if self._state_changed:  # once for all the messages of a moving fader
            self._state_changed = False
            self.state.write(self.folder.state_file)
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._watch(now_s)
            self.status.refresh(self.state, self.monitor, self.lamps(), now_s)
        if now_s - self._housekept_s >= HOUSEKEEPING_S:
            self._housekept_s = now_s
            self._look_at_usage()
            self.folder.trim_logs()
            self._end_recording_if_full()

    def _finished(self) -> bool:
        if self._stop_asked:
            return True
        if self.options.minutes is not None:
            return time.monotonic() - self.monitor.started_s >= self.options.minutes * 60.0
        return False

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
        """Start what is due, notice what died, end what hangs; then show the lamps."""
        if self._hold_maker.starts == 0:
            self._hold_maker.start_if_due(now_s)
        elif why := self._hold_maker.ended(now_s):
            self._after_hold_maker(why)
        for process in list(self.processes.values()):
            if process.hangs(now_s):
                self._trouble(process.name, "does not answer and is ended")
                self._give_up_sound_card_if_hopeless(process)
                process.kill()
                process.wait(0.2)
            why = process.ended(now_s)
            if why:
                self._after_death(process, why, now_s)
            if process.start_if_due(now_s) and process.starts > 1:
                self.status.say(f"{process.name} started again")
        for name, value in self.lamps().items():
            self.hub.show(f"/lamp/{name}", value)

    def _after_hold_maker(self, why: str) -> None:
        if why.endswith("status 0"):
            self.hub.tell_room("/hold/load", str(self.folder.hold_file))
        else:
            self._trouble("hold", " ".join([why, *self._hold_maker.last_words()]))

    def _after_death(self, process: Process, why: str, now_s: float) -> None:
        if process.name == "surface" and (why.endswith("status 0") or process.failures >= SURFACE_TRIES):
            self.status.say("the window is closed; the room plays on (`make surface` opens it again)")
            del self.processes["surface"]
            return
        self._trouble(process.name, why)
        for line in process.last_words():
            self.status.say(f"  {process.name}: {line}", trouble=True)
        if process.name == "room":
            self.monitor.room_died(now_s)

    def _give_up_sound_card_if_hopeless(self, process: Process) -> None:
        never_heard = process.heard_s is None and process.starts >= ROOM_TRIES_WITH_SOUND
        if process.name == "room" and self._parts.sound_card and never_heard:
            self._parts.sound_card = False
            self._trouble("room", "the sound card does not work; playing on without one (`check` lists devices)")

    def _trouble(self, name: str, what: str) -> None:
        self.status.say(f"{name} {what}", trouble=True)
        self.hub.report_error(f"/lamp/{name}", what)

    def lamps(self) -> dict[str, float]:
        """1 on, 0.5 starting, 0 off; hold is 1 while the room plays its hold loop."""
        parts = {name: process.lamp for name, process in self.processes.items() if name != "surface"}
        order = {name: parts[name] for name in ("sampler", "renderer", "room")}
        return {**order, "hold": 1.0 if self.monitor.in_hold else 0.0}

    def _restarts(self) -> dict[str, int]:
        return {name: max(0, process.starts - 1) for name, process in self.processes.items()}

    def _look_at_usage(self) -> None:
        self.usage["supervisor"].look_at_self()
        for name, process in self.processes.items():
            if process.pid is not None:
                self.usage[name].look(process.pid, has_children=name == "surface")  # whose window is a process

    # ------------------------------------------------------------- reports

    def _take_report(self, path: str, arguments: tuple[object, ...]) -> None:
        now_s = time.monotonic()
        silent, held = self.monitor.first_sound_s is None, self.monitor.in_hold
        self.monitor.take(path, arguments, now_s)
        speaker = {"/sampler/alive": "sampler", "/renderer/lead": "renderer", "/room/meter": "room"}.get(path)
        if speaker:
            self.processes[speaker].heard(now_s)
        match path:
            case "/room/hello":
                self._greet_room(now_s)
            case "/renderer/hello":
                self.hub.bring_renderer_up_to_date()
            case "/renderer/lead":
                self.hub.show("/reel/lead", self.monitor.lead_reels)
            case "/room/late":
                self.hub.show("/reel/late", float(self.monitor.late_reels))
                self.status.say("a reel came late", trouble=True)
            case "/room/hold" if held != self.monitor.in_hold and not self._stopping:
                words = "the hold loop plays" if self.monitor.in_hold else "reels play again"
                self.status.say(words, trouble=self.monitor.in_hold)
            case "/phrase/now":
                self.status.say(f"phrase {arguments[0]}")
            case "/hold/bad":  # missing at the very first start; later damaged: make it (again)
                self._hold_maker.start_if_due(now_s)
            case "/error" | "/reel/bad" | "/record/failed":
                self._trouble_reported(path, arguments)
        if silent and self.monitor.first_sound_s is not None:
            self.status.say(f"the room sounds, {self.monitor.first_sound_s:.1f} s after the start")

    def _trouble_reported(self, path: str, arguments: tuple[object, ...]) -> None:
        words = " ".join(str(argument) for argument in arguments)
        self.status.say(f"{path.strip('/')}: {words}", trouble=True)
        where, what = (str(arguments[0]), str(arguments[1])) if path == "/error" else (path, words)
        self.hub.report_error(where, what)

    def _greet_room(self, now_s: float) -> None:
        """The room (re)started: it gets its faders back, and records on."""
        self.hub.bring_room_up_to_date()
        if refusals := [line for line in self.processes["room"].last_words(20) if "output error" in line]:
            self._trouble("room", f"plays into nothing, for the sound card says: {refusals[0]} (`check` lists devices)")
        recording = self.options.recording
        room = self.processes["room"]
        if recording and not self._record_ended and self._recorded_start != room.starts and not self._finished():
            self._recorded_start = room.starts  # it says hello until it is answered
            self.hub.tell_room("/record/start", str(recording.next_part(now_s)))

    def _end_recording_if_full(self) -> None:
        recording = self.options.recording
        if recording and not self._record_ended and recording.full:
            self._record_ended = True
            self.hub.tell_room("/record/stop")
            self.status.say(f"{recording.path} is as long as a WAV file can be; recording has ended, the room plays on")

    def _note_change(self) -> None:
        self._state_changed = True

    # ---------------------------------------------------------------- stop

    def _stop(self) -> None:
        """Music first fades in the room, then everything ends; a second Ctrl-C skips the fade."""
        self._stopping = True
        self.status.close()
        self.status.say("stopping")
        asked = self._stop_asked
        self.hub.tell_room("/room/stop")
        for process in self.processes.values():
            if process.name != "room":
                process.ask_to_stop()
        end_s = time.monotonic() + FADE_OUT_S
        room = self.processes["room"]
        while time.monotonic() < end_s and self._stop_asked <= max(asked, 1):
            select.select([self.hub.osc.socket], [], [], 0.05)
            self.hub.step()
            if room.wait(0.0):
                break
        for process in self.processes.values():
            process.kill()
            process.wait(0.3)
        if self.options.recording:
            length_s = self.options.recording.finish()
            self.status.say(f"recorded {length_s:.1f} s to {self.options.recording.path}")


def process_start_s() -> float:
    """When this process was started, on the monotonic clock, so that imports count as waiting too."""
    return time.monotonic() - (time.time() - psutil.Process().create_time())

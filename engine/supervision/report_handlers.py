"""What the supervisor does with each report of the other processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from engine.files.keep_requests import KeepRequests
from engine.hub.hub import Hub
from engine.osc.messages import Report
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.supervision.console import Status
from engine.supervision.monitoring.sound_watchdog import SoundWatchdog
from engine.supervision.process_manager import ProcessManager
from engine.supervision.statistics import Statistics

SPEAKERS: Final[Mapping[str, str]] = {
    Report.SAMPLER_ALIVE: "sampler",
    Report.ARCHIVIST_ALIVE: "archivist",
    Report.MIDI_ALIVE: "midi",
    Report.RENDERER_LEAD: "renderer",
    Report.ROOM_OUTPUT: "room",
    Report.ROOM_METER: "room",
}
"""Whose sign of life a report is."""


class Reports:
    """`ending()` says whether the installation is about to stop; `keeps` takes wishes to keep something."""

    def __init__(
        self,
        crew: ProcessManager,
        monitor: Statistics,
        watchman: SoundWatchdog,
        hub: Hub,
        status: Status,
        ending: Callable[[], bool],
        keeps: KeepRequests | None,
    ) -> None:
        self._crew, self._monitor, self._watchman, self._hub, self._status = crew, monitor, watchman, hub, status
        self._ending, self._keeps = ending, keeps

    def take(self, path: str, arguments: tuple[object, ...], now_s: float) -> None:
        monitor = self._monitor
        silent, held = monitor.first_sound_s is None, monitor.in_hold
        monitor.take(path, arguments, now_s)
        self._watchman.take(path, arguments, now_s)
        if (speaker := self._crew.processes.get(SPEAKERS.get(path, ""))) is not None:
            speaker.heard(now_s)
        match path:
            case Report.ROOM_WAITING:
                self._crew.rooms.spare.heard(now_s)
            case Report.ROOM_HELLO:
                self._crew.rooms.greet(now_s, ending=self._ending())
                self._check_rate(monitor.sample_rate_hz)
            case Report.RENDERER_HELLO:
                self._hub.bring_renderer_up_to_date()
            case Report.RENDERER_LEAD:
                self._hub.show("/reel/lead", monitor.lead_reels)
            case Report.ROOM_LATE:
                self._hub.show("/reel/late", float(monitor.late_reels))
                self._status.say("a reel came late", trouble=True, event="late")
            case Report.ROOM_HOLD if held != monitor.in_hold and not self._ending():
                words = "the hold loop plays" if monitor.in_hold else "reels play again"
                self._status.say(words, trouble=monitor.in_hold, event="hold", on=monitor.in_hold)
            case Report.PHRASE_NOW:
                self._status.say(f"phrase {arguments[0]}", event="phrase")
            case "/keep":
                self._keep(float(str(arguments[0])))
            case Report.KEEP_NOW:
                self._status.say(str(arguments[0]), event="keep")
            case Report.HOLD_BAD:  # missing at the very first start; later damaged: make it (again)
                self._crew.hold_maker.start_if_due(now_s)
            case Report.ERROR | Report.REEL_BAD | Report.RECORD_FAILED:
                self._trouble_reported(path, arguments)
        if silent and monitor.first_sound_s is not None:
            self._status.say(f"the room sounds, {monitor.first_sound_s:.1f} s after the start", event="sound")

    def _keep(self, minutes: float) -> None:
        if self._keeps is None:
            self._trouble_reported(Report.ERROR, ("/keep", "nothing is at hand: it was started with --ring-minutes 0"))
        elif why_not := self._keeps.ask(minutes, time.time()):
            self._trouble_reported(Report.ERROR, ("/keep", why_not))

    def _check_rate(self, rate_hz: float) -> None:
        """Reels are written for one rate; a card that insists on another plays them at a wrong pitch."""
        if rate_hz not in (0.0, SAMPLE_RATE_HZ):
            text = f"the room runs at {rate_hz:.0f} Hz and plays at a wrong pitch: use a card with {SAMPLE_RATE_HZ} Hz"
            self._status.say(text, trouble=True, event="rate", rate_hz=rate_hz)
            self._hub.report_error(Report.ROOM_HELLO, text)

    def _trouble_reported(self, path: str, arguments: tuple[object, ...]) -> None:
        words = " ".join(str(argument) for argument in arguments)
        self._status.say(f"{path.strip('/')}: {words}", trouble=True, event="error", path=path)
        where, what = (str(arguments[0]), str(arguments[1])) if path == Report.ERROR else (path, words)
        self._hub.report_error(where, what)

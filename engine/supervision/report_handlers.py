"""What the supervisor says and does when it hears certain reports; all other subscribers only take note."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from engine.osc.dispatcher import Dispatcher
from engine.osc.messages import Report
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.supervision.process_manager import ProcessManager
from engine.supervision.statistics import Statistics

INSERT_FAULTS: Final = {
    "silent": "it makes no sound while the stem does",
    "loud": "it is far louder than the stem",
    "no-number": "what it makes are no numbers",
    "late": "the room is too slow with it",
}
INSERT_STATES: Final = {
    "plays": "is heard",
    "off": "is left out by hand",
    "tried": "is tried again",
}
"""By the words of `pd_patches/room/insert-watch.pd`."""

log = logging.getLogger(__name__)


class ReportHandlers:
    """Subscribes to what it needs, after `statistics`. `ending()` says whether the installation is about to stop."""

    def __init__(
        self, reports: Dispatcher, manager: ProcessManager, statistics: Statistics, ending: Callable[[], bool]
    ) -> None:
        self._manager, self._statistics, self._ending = manager, statistics, ending
        self._sounded = self._held = False
        reports.subscribe(self._room_began, Report.ROOM_HELLO)
        reports.subscribe(self._room_sounds, Report.ROOM_METER)
        reports.subscribe(self._room_holds, Report.ROOM_HOLD)
        reports.subscribe(self._room_computes, Report.ROOM_OUTPUT)
        reports.subscribe(self._log_insert, Report.ROOM_INSERT)
        reports.subscribe(self._make_hold_loop, Report.HOLD_BAD)
        reports.subscribe(self._log_phrase, Report.PHRASE_NOW)
        reports.subscribe(self._log_late, Report.ROOM_LATE)
        reports.subscribe(self._log_keep, Report.KEEP_NOW)
        reports.subscribe(self._log_error, Report.ERROR)
        reports.subscribe(self._log_failure, Report.REEL_BAD, Report.RECORD_FAILED)

    def _room_began(self, _path: str, _arguments: tuple[object, ...], now_s: float) -> None:
        self._manager.rooms.greet(now_s, ending=self._ending())
        rate_hz = self._statistics.sample_rate_hz
        if rate_hz not in (0.0, SAMPLE_RATE_HZ):  # reels are written for one rate
            text = f"the room runs at {rate_hz:.0f} Hz and plays at a wrong pitch: use a card with {SAMPLE_RATE_HZ} Hz"
            log.warning("%s", text, extra={"event": "rate", "rate_hz": rate_hz, "where": Report.ROOM_HELLO})

    def _room_sounds(self, _path: str, _arguments: tuple[object, ...], _now_s: float) -> None:
        first_s = self._statistics.first_sound_s
        if first_s is not None and not self._sounded:
            self._sounded = True
            log.info("the room sounds, %.1f s after the start", first_s, extra={"event": "sound"})

    def _room_holds(self, _path: str, _arguments: tuple[object, ...], _now_s: float) -> None:
        before, self._held = self._held, self._statistics.in_hold
        if self._held == before or self._ending():
            return
        extra = {"event": "hold", "on": self._held}
        if self._held:
            log.warning("the hold loop plays", extra=extra)
        else:
            log.info("reels play again", extra=extra)

    def _room_computes(self, _path: str, arguments: tuple[object, ...], now_s: float) -> None:
        self._manager.rooms.computed(float(str(arguments[0])), now_s)

    def _log_insert(self, path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        stem, word = map(str, arguments)
        if word in INSERT_FAULTS:
            what = f"the patch in the way of {stem} is left out: {INSERT_FAULTS[word]}"
            log.warning("%s", what, extra={"event": "error", "path": path, "where": path, "what": what})
        else:
            log.info("the patch in the way of %s %s", stem, INSERT_STATES.get(word, word))

    def _make_hold_loop(self, _path: str, _arguments: tuple[object, ...], now_s: float) -> None:
        """It is missing at the very first start; later it may be damaged."""
        self._manager.hold_maker.start_if_due(now_s)

    def _log_phrase(self, _path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        log.info("phrase %s", arguments[0], extra={"event": "phrase"})

    def _log_late(self, _path: str, _arguments: tuple[object, ...], _now_s: float) -> None:
        log.warning("a reel came late", extra={"event": "late"})

    def _log_keep(self, _path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        log.info("%s", arguments[0], extra={"event": "keep"})

    def _log_error(self, path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        where, what = map(str, arguments)
        log.warning("error: %s %s", where, what, extra={"event": "error", "path": path, "where": where, "what": what})

    def _log_failure(self, path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        text = f"{path.strip('/')}: {arguments[0]}"
        log.warning("%s", text, extra={"event": "error", "path": path, "where": path, "what": arguments[0]})

"""Hears what the room reports, judges it, says what is wrong, and names the part to start again."""

from __future__ import annotations

import logging
from typing import Final

from engine.osc.messages import Report
from engine.supervision.monitoring.audible import SILENT_S, AudibleJudge
from engine.supervision.monitoring.restart_policy import Part, RestartPolicy
from engine.supervision.statistics import Statistics

WORDS: Final = {
    "silence": "nothing is heard",
    "loud": "what is heard is far too loud",
    "dc": "a direct current leaves the room",
    "stuck": "one value stands still where sound should be",
    "frozen": "no sound is computed any more",
    "same level": "the same sound repeats without end",
    "deck": "no reel follows the last one",
    "refused": "the room refuses reel after reel",
    "held": "the room stays in its hold loop though there are reels",
    "barren": "the renderer answers but renders nothing",
}
"""What people are told, by the check that fails."""

AUDIBLE_S: Final = 10.0
"""So long after the last audible progress the installation still counts as playing."""

log = logging.getLogger(__name__)


class SoundWatchdog:
    """Pure logic: every time is an argument."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self.judge = AudibleJudge()
        self._policy = RestartPolicy()
        self._failing: list[str] = []

    def take(self, path: str, arguments: tuple[object, ...], now_s: float) -> None:
        """One report of the room or the renderer, already checked for its types."""
        numbers = [float(a) for a in arguments if isinstance(a, int | float)]
        match path:
            case Report.ROOM_OUTPUT:
                count, left_db, right_db, dc_db = numbers
                self.judge.output(count, left_db, right_db, dc_db, now_s)
            case Report.REEL_PLAYING:
                self.judge.reel(now_s)
            case Report.REEL_BAD:
                self.judge.refused(now_s)
            case Report.ROOM_HOLD:
                self.judge.hold(numbers[0] > 0.5)
            case Report.RENDERER_LEAD:
                self.judge.lead(numbers[0], now_s)
            case Report.RENDERER_HELLO:
                self.judge.renderer_began()
            case Report.ROOM_HELLO:
                self.judge.begin_anew()
            case Report.HUB_ALIVE:
                self.judge.expect(numbers[1] > 0.5, numbers[2])

    def look(self, now_s: float) -> tuple[Part, str] | None:
        """The part to start again now, and why; says what began and what is over."""
        failing = self.judge.failing
        for name in failing:
            if name not in self._failing:
                log.warning("%s", WORDS[name], extra={"event": "audible", "check": name, "where": "/audible"})
                if name == "silence":
                    self._statistics.fell_silent(now_s - SILENT_S)
        for name in self._failing:
            if name not in failing:
                log.info("over: %s", WORDS[name], extra={"event": "audible", "check": name})
        self._failing = failing
        part = self._policy.next_step(failing, now_s)
        return (part, WORDS[failing[0]]) if part else None

    def was_away(self) -> None:
        """The room was not watched for a while (suspended, stopped): what was seen before does not count."""
        self.judge.begin_anew()

    def audible(self, now_s: float) -> bool:
        """Whether sound was lately seen to go on."""
        return now_s - self.judge.moved_s < AUDIBLE_S

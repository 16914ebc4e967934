"""Judges by what is audible whether the installation plays: a process may answer while nothing is heard.

Pure Data reports what leaves the room three times a second (`pd_patches/room/output-watch~.pd`) and each reel as it
begins. Each check below has a threshold, a time that it must last, and a way back. Quiet music is no fault: only what
no mood can be (see the tests, in which hours of the quietest mood pass without an alarm).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.supervision.monitoring.hysteresis import Hysteresis

SILENT_DB: Final = -90.0
"""Digital silence, or so near that only a meter knows: reverberation takes minutes to get there."""
SOUNDING_DB: Final = -80.0
SILENT_S: Final = 10.0
"""The longest rest is 8 s, and reverberation rings in it."""

LOUD_DB: Final = -14.5
"""RMS. In hours of all moods no third of a second was above -15.4 dB; noise that the limiter holds down is at -13.4."""
NOT_LOUD_DB: Final = -17.0
LOUD_S: Final = 3.0

DC_DB: Final = -30.0
NO_DC_DB: Final = -36.0
DC_S: Final = 4.0

STUCK_DB: Final = 0.5
"""So near to the whole level lies its standing part when one value is all there is."""
STUCK_S: Final = 3.0

FROZEN_S: Final = 0.9
"""Where nothing is computed the room reports once a second: two reports with the same count are proof enough, for while
sound goes on, however late, three windows of it lie between them."""
SAME_LEVEL_S: Final = 25.0
"""No music keeps both levels to a thousandth of a decibel for so long; a loop of a few milliseconds does."""

REEL_IS_RECENT_S: Final = 1.2
NO_REEL_S: Final = 3.0
"""A reel begins every half second."""
HELD_S: Final = 20.0
"""The room returns from its hold loop within two seconds when three reels are there."""
BARREN_S: Final = 30.0
"""A renderer that has loaded its instruments and answers, but renders nothing."""

REFUSED_LATELY_S: Final = 2.5
"""While the room refuses all that comes, it tries again about once a second."""
REFUSED_S: Final = 6.0

CHECKS: Final = ("silence", "loud", "dc", "stuck", "frozen", "same level", "deck", "refused", "held", "barren")


@dataclass
class AudibleJudge:
    """Told what is reported, asked with `failing` what is wrong. All times are monotonic seconds."""

    checks: dict[str, Hysteresis] = field(
        default_factory=lambda: {
            "silence": Hysteresis(SILENT_S),
            "loud": Hysteresis(LOUD_S),
            "dc": Hysteresis(DC_S),
            "stuck": Hysteresis(STUCK_S),
            "frozen": Hysteresis(FROZEN_S, clear_s=0.3),
            "same level": Hysteresis(SAME_LEVEL_S),
            "deck": Hysteresis(NO_REEL_S),
            "refused": Hysteresis(REFUSED_S),
            "held": Hysteresis(HELD_S),
            "barren": Hysteresis(BARREN_S),
        }
    )
    in_hold: bool = False
    lead_reels: float = 0.0
    moved_s: float = -1e9
    """When sound was last seen to go on: computed, and neither silent nor stuck."""
    _wanted: bool = True
    _raised_db: float = 0.0
    """How far somebody turned the room up by hand: that much louder may it be."""
    _count: float = -1.0
    _level_db: tuple[float, float] = (-100.0, -100.0)
    _reel_s: float | None = None
    _refused_s: float = -1e9

    def output(self, count: float, left_db: float, right_db: float, dc_db: float, now_s: float) -> None:
        """What `/room/output` says. Between two reports of one count nothing was computed."""
        moves = count != self._count
        self.checks["frozen"].see(not moves, moves, now_s)
        self._see_reels(now_s)
        if moves:
            self._see_level((left_db, right_db), dc_db, now_s)
            self._count, self._level_db = count, (left_db, right_db)

    def _see_level(self, level_db: tuple[float, float], dc_db: float, now_s: float) -> None:
        see = {name: check.see for name, check in self.checks.items()}
        loudest_db = max(level_db)
        silent, sounds, same = loudest_db < SILENT_DB, loudest_db > SOUNDING_DB, level_db == self._level_db
        see["silence"](silent and self._wanted, sounds or not self._wanted, now_s)
        see["loud"](loudest_db > LOUD_DB + self._raised_db, loudest_db < NOT_LOUD_DB + self._raised_db, now_s)
        see["dc"](dc_db > DC_DB, dc_db < NO_DC_DB, now_s)
        see["stuck"](sounds and dc_db > loudest_db - STUCK_DB, dc_db < loudest_db - 2 * STUCK_DB or not sounds, now_s)
        see["same level"](same and sounds, not same, now_s)
        if not (silent and self._wanted) and not self.failing:
            self.moved_s = now_s

    def _see_reels(self, now_s: float) -> None:
        goes_on = self._reel_s is None or self.in_hold or now_s - self._reel_s < REEL_IS_RECENT_S
        self.checks["deck"].see(not goes_on, goes_on, now_s)
        refuses = now_s - self._refused_s < REFUSED_LATELY_S
        self.checks["refused"].see(refuses, not refuses, now_s)
        stays = self.in_hold and self.lead_reels >= 3.0
        self.checks["held"].see(stays, not stays, now_s)

    def lead(self, reels: float, now_s: float) -> None:
        """The renderer answers, and says how many reels are ahead."""
        self.lead_reels = reels
        barren = self.in_hold and reels < 1.0
        self.checks["barren"].see(barren, not barren, now_s)

    def renderer_began(self) -> None:
        """A new renderer needs time to load, the more the busier the machine is: only what it then does counts."""
        self.lead_reels = 0.0
        self.checks["barren"].forget()

    def reel(self, now_s: float) -> None:
        """A reel began to play."""
        self._reel_s = now_s
        self.in_hold = False

    def refused(self, now_s: float) -> None:
        """The room was told of a reel that is not what it should be, and does not play it."""
        self._refused_s = now_s

    def hold(self, on: bool) -> None:
        self.in_hold = on

    def expect(self, wanted: bool, raised_db: float) -> None:
        """What the room's faders ask for: no alarm while sound is not `wanted`, and as much louder as they say."""
        self._wanted, self._raised_db = wanted, raised_db

    @property
    def failing(self) -> list[str]:
        """Names of the checks that fail now, the most telling first."""
        return [name for name in CHECKS if self.checks[name].on]

    def begin_anew(self) -> None:
        """A room has just started, or was not watched for a while: what was seen before does not count."""
        for check in self.checks.values():
            check.forget()
        self.in_hold, self._reel_s, self._count = False, None, -1.0

"""What the installation is doing, as its processes report it: for the status display, the lamps and the summary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from engine.osc.messages import METERS, Report

SILENCE_DB: Final = -60.0
"""RMS below which the room counts as silent."""
FIRST_SOUND_PATIENCE_S: Final = 8.0
MOST_TEXTURES: Final = 40
"""File names remembered per stem."""


@dataclass
class Statistics:
    """All times are monotonic seconds; `started_s` is when the command was given."""

    started_s: float
    mood: str = ""
    seed: int = 0
    phrase_now: str = ""
    phrase_upcoming: str = ""
    phrases: int = 0
    lead_reels: float = 0.0
    reels_played: int = 0
    late_reels: int = 0
    bad_reels: int = 0
    nonfinite_blocks: int = 0
    sample_rate_hz: float = 0.0
    in_hold: bool = False
    level_db: tuple[float, float] = (-100.0, -100.0)
    stem_level_db: dict[str, float] = field(default_factory=dict)
    textures: dict[str, str] = field(default_factory=dict)
    """File names by stem, as they play now; "" where none does."""
    textures_heard: dict[str, list[str]] = field(default_factory=dict)
    """The latest file names by stem, each once."""
    alerts: str = ""
    """What lasts that people elsewhere were told of; empty where nobody is to be told."""
    dc_db: float = -100.0
    holds: int = 0
    gaps: int = 0
    """Stretches in which nothing was heard though something should have been: a dead room, digital silence."""
    first_sound_s: float | None = None
    _hold_before_s: float = 0.0
    _hold_since_s: float | None = None
    _sound_s: float | None = None
    _longest_silence_s: float = 0.0
    _gap_before_s: float = 0.0
    _gap_since_s: float | None = None
    _nonfinite_before: int = 0
    _nonfinite_now: int = 0

    def take(self, path: str, arguments: tuple[object, ...], now_s: float) -> None:
        """One report, already checked for the types that `engine.osc.messages` gives."""
        numbers = [float(a) for a in arguments if isinstance(a, int | float)]
        texts = [a for a in arguments if isinstance(a, str)]
        match path:
            case Report.ROOM_METER:
                self._hear((numbers[0], numbers[1]), now_s)
            case Report.ROOM_OUTPUT:
                self.dc_db = numbers[3]
            case Report.REEL_PLAYING:
                self.reels_played += 1
            case Report.RENDERER_LEAD:
                self.lead_reels = numbers[0]
            case Report.PHRASE_NOW:
                self.phrase_now = texts[0]
                self.phrases += 1
            case Report.PHRASE_UPCOMING:
                self.phrase_upcoming = texts[0]
            case Report.ROOM_LATE:
                self.late_reels += 1
            case Report.REEL_BAD:
                self.bad_reels += 1
            case Report.ROOM_HOLD:
                self._hold(numbers[0] > 0.5, now_s)
            case Report.ROOM_HELLO:
                self.sample_rate_hz = numbers[0] if numbers else self.sample_rate_hz
            case Report.ALERT_NOW:
                self.alerts = texts[0]
            case Report.RENDERER_NONFINITE:
                self._count_nonfinite(int(numbers[0]))
            case Report.RENDERER_TEXTURE:
                self._take_texture(texts[0], texts[1])
            case Report.HUB_ALIVE:
                self.mood, self.seed = texts[0], int(numbers[0])
            case _ if path in METERS:
                self.stem_level_db[path.removeprefix("/meter/")] = max(numbers)

    def room_died(self, now_s: float) -> None:
        """A room that is gone holds nothing, and is silent."""
        self._hold(False, now_s)
        self.fell_silent(now_s)
        self.level_db = (-100.0, -100.0)
        self.stem_level_db.clear()

    def fell_silent(self, since_s: float) -> None:
        """A gap began: nothing is heard since then. It ends with the next sound."""
        if self._gap_since_s is None and self.first_sound_s is not None:
            self._gap_since_s = since_s
            self.gaps += 1

    def settled(self, now_s: float) -> bool:
        """Whether what can wait may start: the first sound does not share the processor with it."""
        return self.first_sound_s is not None or now_s - self.started_s > FIRST_SOUND_PATIENCE_S

    def gap_s(self, now_s: float) -> float:
        """Seconds of gaps so far."""
        return self._gap_before_s + (now_s - self._gap_since_s if self._gap_since_s is not None else 0.0)

    def played_s(self, now_s: float) -> float:
        """Seconds since the first sound in which something was heard."""
        if self.first_sound_s is None:
            return 0.0
        return now_s - self.started_s - self.first_sound_s - self.gap_s(now_s)

    def hold_s(self, now_s: float) -> float:
        """Seconds spent in the hold loop so far."""
        return self._hold_before_s + (now_s - self._hold_since_s if self._hold_since_s is not None else 0.0)

    def longest_silence_s(self, now_s: float) -> float:
        """Longest stretch without sound after the first sound; all the time so far if there was none."""
        since_s = self._sound_s if self._sound_s is not None else self.started_s
        return max(self._longest_silence_s, now_s - since_s)

    def _hear(self, level_db: tuple[float, float], now_s: float) -> None:
        self.level_db = level_db
        if max(level_db) <= SILENCE_DB:
            return
        if self._gap_since_s is not None:
            self._gap_before_s += now_s - self._gap_since_s
            self._gap_since_s = None
        if self._sound_s is None:
            self.first_sound_s = now_s - self.started_s
        else:
            self._longest_silence_s = max(self._longest_silence_s, now_s - self._sound_s)
        self._sound_s = now_s

    def _take_texture(self, stem: str, name: str) -> None:
        self.textures[stem] = name
        if name:
            others = [other for other in self.textures_heard.get(stem, []) if other != name]
            self.textures_heard[stem] = [*others, name][-MOST_TEXTURES:]

    def _hold(self, on: bool, now_s: float) -> None:
        if self._hold_since_s is not None:
            self._hold_before_s += now_s - self._hold_since_s
        self._hold_since_s = now_s if on else None
        self.holds += on and not self.in_hold
        self.in_hold = on

    def _count_nonfinite(self, total: int) -> None:
        """The renderer counts from 0 again when it was restarted."""
        if total < self._nonfinite_now:
            self._nonfinite_before += self._nonfinite_now
        self._nonfinite_now = total
        self.nonfinite_blocks = self._nonfinite_before + total

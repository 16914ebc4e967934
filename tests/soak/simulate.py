"""Days of the installation's own decisions on a clock that runs as fast as they are made.

Simulated are: the conductor with its memory, the phrase store with its files, the sampler's answers, reels by name, the
supervisor's statistics, its judge of what is heard (fed with the levels of a real rendering), restart policy, log and
daybook. Not simulated is sound; what it costs in memory is seen in real time only (see `observe.py`).
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final
from unittest import mock

import numpy as np
import psutil

from engine.music.conductor.conductor import Conductor
from engine.music.phrases.rule_based import rule_phrase
from engine.music.phrases.store import FilePhraseStore
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.sound import Mood
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.cutter import ReelFolder
from engine.reels.format import LEAD_REELS, REEL_FRAMES, REEL_S, TAIL_FRAMES
from engine.supervision.monitoring.daybook import Daybook, Tally
from engine.supervision.monitoring.event_log import JsonLinesHandler
from engine.supervision.monitoring.report import report
from engine.supervision.monitoring.sound_watchdog import SoundWatchdog
from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage
from tests.logged import Logged

QUIETEST_HOUR: Final = Path(__file__).parents[1] / "engine" / "supervision" / "monitoring" / "quietest_hour.npz"
WINDOW_S: Final = 16_384 / SAMPLE_RATE_HZ
MOOD_EVERY_S: Final = 3600.0
DEATH_EVERY_S: Final = 2 * 3600.0
ROOM_GAP_S: Final = 0.3
ANSWER_EVERY: Final = 8
"""The sampler takes four seconds for a phrase."""
PARTS: Final = ("sampler", "renderer", "room")

log = logging.getLogger("engine.supervision.simulated")


@dataclass
class Hour:
    """How things stood at the end of a simulated hour."""

    hour: int
    rss_mb: float
    objects: int
    files: int
    disk_mb: float
    phrases: int
    gaps: int


@dataclass
class Simulated:
    """What a simulation found."""

    hours: list[Hour] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)
    played_s: float = 0.0
    restarts: dict[str, int] = field(default_factory=dict)

    @property
    def slope_mb_per_h(self) -> float:
        """Growth of memory, without the first sixth, in which caches fill."""
        kept = self.hours[len(self.hours) // 6 :]
        if len(kept) < 2:
            return 0.0
        return float(np.polyfit([one.hour for one in kept], [one.rss_mb for one in kept], 1)[0])


class Music:
    """Renderer and sampler without sound: scores, phrases, reels as empty files."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.store = FilePhraseStore(folder / "phrases")
        self._sampler = FilePhraseStore(folder / "phrases")
        self.reels = ReelFolder(folder / "reels")
        self.mood: Mood = load_mood("night")
        self._conductor = Conductor(seed, self.mood, self.store, remembered=self.store.remembered)
        self.phrases = 0
        self._left_s = 0.0
        self._silence = np.zeros((REEL_FRAMES + TAIL_FRAMES, CHANNELS), np.float32)

    def change_mood(self, name: str) -> None:
        self.mood = load_mood(name)
        self._conductor.change_mood(self.mood)

    def answer(self, most: int = 1) -> None:
        """The sampler draws (by rule, which is quick) what is most urgent."""
        for request in self._sampler.wanted()[:most]:
            self._sampler.put(request, rule_phrase(request.seed, self.mood))

    def prune(self) -> None:
        self._sampler.prune()

    def one_reel(self) -> Path:
        """Render the next reel, let the room play the one that is due; its path."""
        self._left_s -= REEL_S
        while self._left_s <= 0:
            self._left_s += max(self._conductor.next_score().length_s, 1.0)
            self.phrases += 1
        reel = self.reels.write(self._silence)
        played = self.reels.written[0] if len(self.reels.written) <= LEAD_REELS else self.reels.unplayed[0]
        self.reels.played(played.path)
        return reel.path


def simulate(folder: Path, hours: int, seed: int = 1, jumps: bool = True) -> Simulated:
    """`hours` of playing; with `jumps` the clock is set by a day forth and back, and the machine sleeps once."""
    found = Simulated()
    random = Random(seed)
    statistics = Statistics(started_s=0.0, mood="night", seed=seed)
    now_s = 0.0
    logged = Logged("engine.supervision", logging.INFO)
    logging.getLogger("engine.supervision").addHandler(lines := JsonLinesHandler(folder / "logs"))
    watchdog = SoundWatchdog(statistics)
    clock = datetime(2031, 3, 1, 12, tzinfo=UTC)
    daybook = Daybook.open(0.0, clock)
    restarts = dict.fromkeys(PARTS, 0)
    usage = {name: Usage() for name in PARTS}
    with mock.patch("engine.reels.cutter.soundfile.write", lambda path, *_, **__: Path(path).touch()):
        music = Music(folder, seed)
        rows = _levels()
        next_reel_s = next_mood_s = 0.0
        rendered = 0
        next_death_s, hour = random.expovariate(1 / DEATH_EVERY_S), 0
        while now_s < hours * 3600.0:
            now_s += WINDOW_S
            clock += timedelta(seconds=WINDOW_S)
            count, left_db, right_db, dc_db = next(rows)
            for path, numbers in (
                ("/room/meter", (left_db, right_db)),
                ("/room/output", (count, left_db, right_db, dc_db)),
            ):
                statistics.take(path, numbers, now_s)
                watchdog.take(path, numbers, now_s)
            while next_reel_s <= now_s:
                next_reel_s += REEL_S
                rendered += 1
                if rendered % ANSWER_EVERY == 1:
                    music.answer()
                name = str(music.one_reel())
                for path, arguments in (("/reel/playing", (name,)), ("/renderer/lead", (float(music.reels.lead),))):
                    statistics.take(path, arguments, now_s)
                    watchdog.take(path, arguments, now_s)
            watchdog.look(now_s)
            found.alarms += [f"{now_s / 3600:.2f} h: {what}" for what in logged.texts if "started again" not in what]
            logged.records.clear()
            if now_s >= next_death_s:
                next_death_s = now_s + random.expovariate(1 / DEATH_EVERY_S)
                part = random.choice(PARTS)
                restarts[part] += 1
                log.info("%s started again", part, extra={"event": "restart", "part": part})
                if part == "room":
                    statistics.room_died(now_s)
                    now_s += ROOM_GAP_S
                    watchdog.judge.begin_anew()
            if now_s >= next_mood_s:
                next_mood_s += MOOD_EVERY_S
                music.prune()
                music.change_mood(random.choice(list_moods()))
            if now_s >= (hour + 1) * 3600.0:
                hour += 1
                if jumps and hour in (hours // 3, hours // 2):
                    clock += timedelta(days=1 if hour == hours // 3 else -1)
                if jumps and hour == 2 * hours // 3:
                    clock += timedelta(hours=1)  # asleep: the monotonic clock of Linux stands still
                    watchdog.was_away()
                said = report(
                    statistics=statistics,
                    usage=usage,
                    pids={},
                    restarts=restarts,
                    failing=[],
                    disk={},
                    now_s=now_s,
                )
                tally = Tally(said["played_s"], said["hold_s"], said["gap_s"], dict(restarts))
                if day := daybook.line_if_due(tally, now_s, clock):
                    found.days.append(day)
                found.hours.append(_hour(hour, folder, music.phrases, statistics.gaps))
    logging.getLogger("engine.supervision").removeHandler(lines)
    logged.close()
    found.played_s, found.restarts = statistics.played_s(now_s), restarts
    return found


def _levels() -> Iterator[tuple[float, float, float, float]]:
    """(count, left, right, standing part) in dB, from a real rendering, round and round."""
    rows = np.load(QUIETEST_HOUR)["hundredths_db"].astype(float) / 100.0
    count = 0
    while True:
        for left_db, right_db, dc_db in rows[8:]:
            count = (count + 1) % 1_000_000
            yield float(count), float(left_db), float(right_db), float(dc_db)


def _hour(hour: int, folder: Path, phrases: int, gaps: int) -> Hour:
    gc.collect()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Hour(
        hour=hour,
        rss_mb=psutil.Process(os.getpid()).memory_info().rss / 1e6,
        objects=len(gc.get_objects()),
        files=len(files),
        disk_mb=sum(path.stat().st_size for path in files) / 1e6,
        phrases=phrases,
        gaps=gaps,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the .json file to write")
    parser.add_argument("--hours", type=int, default=72)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = simulate(Path(folder), options.hours)
    options.out.write_text(json.dumps({**asdict(found), "slope_mb_per_h": found.slope_mb_per_h}, indent=1), "utf-8")
    print(f"{options.hours} h: {found.slope_mb_per_h:+.3f} MB/h, {len(found.alarms)} alarms, {found.days}")


if __name__ == "__main__":
    main()

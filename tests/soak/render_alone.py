"""The renderer without its room, as fast as the machine goes.

It is the real process, with instruments, textures, journal and reels on disk, started as the installation starts it.
What plays the room's part takes each reel as soon as it is there, and every phrase is drawn by rule, which is quick.
"""

from __future__ import annotations

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from engine.music.phrases.rule_based import rule_phrase
from engine.music.phrases.store import FilePhraseStore
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.addresses import values_of
from engine.parameters.moods import list_moods, load_mood
from engine.reels.format import REEL_S
from engine.supervision.process import start_directly
from tests.ports import free_port

MOOD_EVERY_S: Final = 300.0
MORPH_S: Final = 20.0
JOURNAL_MB: Final = 100
PATIENCE_S: Final = 60.0
COLUMNS: Final = ("time_s", "mood", "mb")
READY: Final = "/reel/ready"


class Surroundings:
    """The other ends of a renderer's sockets, hub and room, and what draws its phrases."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self._hub, self._room = OscPort(LOOPBACK, port), OscPort(LOOPBACK, port + 1)
        self._renderer = (LOOPBACK, port + 2)
        self._drawn = FilePhraseStore(folder / "phrases")
        self.moods = list_moods()
        self.mood = self.moods[0]
        command = [sys.executable, "-m", "engine.renderer", "--runtime", str(folder), "--port", str(port)]
        command += ["--mood", self.mood, "--journal", str(folder / "journal"), "--journal-mb", str(JOURNAL_MB)]
        self.process = start_directly(command, folder / "renderer.log", 0)

    def play(self) -> int:
        """Take what has been rendered, and answer the most urgent wish; the number of reels played."""
        for _ in self._hub.received():
            pass
        reels = {str(m.arguments[0]) for m in self._room.received() if isinstance(m, Message) and m.path == READY}
        for name in sorted(reels):
            self._hub.send(self._renderer, "/reel/playing", name)
        for request in self._drawn.wanted()[:1]:
            self._drawn.put(request, rule_phrase(request.seed, load_mood(self.mood)))
        return len(reels)

    def choose(self, name: str) -> None:
        """As the hub does it: the values first, then the name."""
        self.mood = name
        self._drawn.prune()
        values = values_of(load_mood(name).sound())
        messages = [("/renderer/glide_s", (MORPH_S,)), *((path, (value,)) for path, value in values.items())]
        self._hub.send_bundle(self._renderer, [*messages, ("/mood", (name,))])

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def rendered(folder: Path, hours: float) -> Iterator[tuple[float, str, float]]:
    """(second, mood, memory of the renderer in MB) for every minute of music. RuntimeError: the renderer has died."""
    around = Surroundings(folder)
    try:
        process, reels, turn, last_s = psutil.Process(around.process.pid), 0, 0, time.monotonic()
        while reels * REEL_S < hours * 3600.0:
            played = around.play()
            if not played:
                if around.process.poll() is not None or time.monotonic() - last_s > PATIENCE_S:
                    raise RuntimeError(f"the renderer renders no more: {(folder / 'renderer.log').read_text('utf-8')}")
                time.sleep(0.002)
                continue
            last_s = time.monotonic()
            before_s, reels = reels * REEL_S, reels + played
            if reels * REEL_S >= (turn + 1) * MOOD_EVERY_S:
                turn += 1
                around.choose(around.moods[turn % len(around.moods)])
            if before_s // 60 != reels * REEL_S // 60:
                yield reels * REEL_S, around.mood, process.memory_info().rss / 1e6
    finally:
        around.close()


def render_alone(out: Path, hours: float) -> None:
    """Writes the table `out`, line by line."""
    with tempfile.TemporaryDirectory() as folder, out.open("w") as sink:
        writer = csv.writer(sink)
        writer.writerow(COLUMNS)
        for time_s, mood, memory_mb in rendered(Path(folder), hours):
            writer.writerow((round(time_s, 1), mood, round(memory_mb, 2)))
            sink.flush()

"""Reels in which every note is a click, through the real Pure Data and the real player, to a real MIDI port.

Run by hand for as many notes as one likes: `python -m tests.engine.elsewhere.instruments.click_track 10000`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.files.paths import ROOT
from engine.music.key_events import Action, KeyEvent
from engine.osc.messages import Order, Report
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.cutter import ReelFolder
from engine.reels.format import LEAD_REELS, REEL_FRAMES, TAIL_FRAMES
from engine.reels.reel_keys import ReelKeys
from engine.room.pd_process import find_pd, room_command
from tests.jack import Keys, instrument, jack
from tests.ports import free_port

SHORTEST_FRAMES, LONGEST_FRAMES = 1_152, 1_920
"""Between two notes, 24 to 40 ms, different each time, so that a recording can only be matched in one way."""
LENGTH_FRAMES = 640
CLICK = 0.3 * np.exp(-np.arange(480) / 60) * np.sin(2 * np.pi * 1500 * np.arange(480) / SAMPLE_RATE_HZ)
QUIET = 0.02
NEAR_S = 0.012
SAID: list[str] = []
"""The player's log."""
LATE: list[str] = []
"""What the room had to say of reels that were not there: a measurement with such is none."""


@dataclass(frozen=True)
class Track:
    """Frames at which notes begin, and the sound."""

    onsets: NDArray[np.int64]
    audio: NDArray[np.float32]

    @classmethod
    def of(cls, notes: int) -> Track:
        steps = np.random.default_rng(1).integers(SHORTEST_FRAMES // 64, LONGEST_FRAMES // 64, notes) * 64
        onsets = 24_000 + np.cumsum(steps)
        reels = int(onsets[-1]) // REEL_FRAMES + 2
        audio = np.zeros(reels * REEL_FRAMES + TAIL_FRAMES, np.float32)
        for onset in onsets:
            audio[onset : onset + len(CLICK)] += CLICK.astype(np.float32)
        return cls(onsets, audio)

    @property
    def reels(self) -> int:
        return len(self.audio) // REEL_FRAMES

    def reel(self, number: int) -> tuple[NDArray[np.float32], ReelKeys]:
        """As the renderer would write it: the piano alone plays."""
        begins = number * REEL_FRAMES
        stems = np.zeros((REEL_FRAMES + TAIL_FRAMES, CHANNELS), np.float32)
        stems[:, :2] = self.audio[begins : begins + len(stems), None]
        events = []
        for index, onset in enumerate(self.onsets):
            pitch = 21 + index % 88
            for frame, action, value in ((onset, Action.ON, 80), (onset + LENGTH_FRAMES, Action.OFF, 0)):
                if begins <= frame < begins + REEL_FRAMES:
                    events.append(KeyEvent(int(frame) - begins, "piano", action, pitch, value))
        return stems, ReelKeys(sorted(events), {"piano": "Disklavier"})


def onsets_in(audio: NDArray[np.float32]) -> NDArray[np.int64]:
    """Frames at which a click begins in a recording."""
    loud = np.flatnonzero(np.abs(audio) > QUIET)
    starts = np.concatenate(([True], np.diff(loud) > SHORTEST_FRAMES // 2))
    return loud[starts]


@contextmanager
def player(folder: Path, port: int, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process that plays instruments, as the supervisor starts it."""
    command = [sys.executable, "-m", "engine.elsewhere.instruments.player_process"]
    command += ["--runtime", str(folder), "--port", str(port), *options]
    with (folder / "instruments.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


class Stage:
    """A room without a card, and this test in the place of its hub and its renderer."""

    def __init__(self, folder: Path, track: Track) -> None:
        self.port, self.folder = free_port(), folder
        self._track, self._reels = track, ReelFolder(folder / "reels")
        self._hub, self._renderer = OscPort(LOOPBACK, self.port), OscPort(LOOPBACK, self.port + 2)
        self._next = 0
        self.heard: list[Message] = []

    @contextmanager
    def room(self, *patches: Path) -> Iterator[subprocess.Popen[bytes]]:
        """`patches` are opened beside the room."""
        command = [*room_command(find_pd(), self.port, self.folder / "none.wav", audio=False), *map(str, patches)]
        with (self.folder / "pd.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as pd:
            _as_with_a_card(pd.pid)
            try:
                yield pd
            finally:
                pd.kill()
                self._hub.close()
                self._renderer.close()

    def say(self, path: str, *arguments: object) -> None:
        self._hub.send((LOOPBACK, self.port + 1), path, *arguments)

    def feed(self) -> bool:
        """Keep a few reels ahead of the room; whether there are more."""
        for item in self._renderer.received():
            if isinstance(item, Message):
                self.heard.append(item)
                if item.path == Report.REEL_PLAYING:
                    self._reels.played(Path(str(item.arguments[0])))
        while self._next < self._track.reels and self._reels.lead < LEAD_REELS:
            reel = self._reels.write(*self._track.reel(self._next))
            self._next += 1
            channel, frame, value = reel.mark
            self.say(Order.REEL_READY, str(reel.path), reel.seam, float(channel), float(frame), value)
        return self._next < self._track.reels

    def until(self, path: str, limit_s: float = 10.0) -> None:
        end_s = time.monotonic() + limit_s
        while not any(message.path == path for message in self.heard):
            self.feed_nothing()
            assert time.monotonic() < end_s, f"no {path}; {[message.path for message in self.heard][-5:]}"

    def feed_nothing(self) -> None:
        for port in (self._hub, self._renderer):
            self.heard += [item for item in port.received() if isinstance(item, Message)]
        time.sleep(0.02)


def _as_with_a_card(pid: int) -> None:
    """A card's clock holds Pd to its time; without one Pd leaves out what it was too busy for, so it is given priority
    where that is allowed."""
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(6))


def warm_up(stage: Stage, keys: Keys) -> None:
    """The player learns of the port from the first reel; the clicks begin half a second later, so it is told before."""
    silent = ReelKeys([KeyEvent(0, "piano", Action.OFF, 60)], {"piano": "Disklavier"})
    path = stage.folder / "w-000.wav"
    silent.write(path, "w", 0)
    deaf = OscPort(LOOPBACK, 0)
    end_s = time.monotonic() + 15.0
    while not keys.heard and time.monotonic() < end_s:
        deaf.send((LOOPBACK, stage.port + 4), Report.REEL_PLAYING, str(path))
        time.sleep(0.3)
    deaf.close()
    assert keys.heard, (stage.folder / "instruments.log").read_text("utf-8")
    time.sleep(0.5)


def play(folder: Path, notes: int, synchronous: bool = False) -> tuple[NDArray[np.float64], Keys]:
    """Differences in seconds between when a key was struck and when its click was recorded, less their median."""
    track = Track.of(notes)
    stage = Stage(folder, track)
    out = folder / "out.wav"
    with jack(synchronous), instrument() as keys, player(folder, stage.port), stage.room():
        stage.until("/room/hello")
        for path, value in (("/room/wet", 0.0), ("/room/level_db", 0.0), ("/room/fade_s", 0.2)):
            stage.say(path, value)
        warm_up(stage, keys)
        keys.heard.clear()
        stage.say(Order.RECORD_START, str(out))
        time.sleep(0.7)
        while stage.feed():
            time.sleep(0.05)
        time.sleep((LEAD_REELS + 2) * REEL_FRAMES / SAMPLE_RATE_HZ)
        stage.say(Order.RECORD_STOP)
        time.sleep(3.0)
    SAID.extend((folder / "instruments.log").read_text("utf-8").splitlines())
    LATE.extend(one.path for one in stage.heard if one.path in (Report.ROOM_LATE, Report.REEL_BAD))
    audio, _ = soundfile.read(out, dtype="float32")
    recorded_s = onsets_in(audio[:, 0]) / SAMPLE_RATE_HZ
    return differences(recorded_s, keys.struck_s()), keys


def differences(recorded_s: Sequence[float] | NDArray[np.float64], struck_s: Sequence[float]) -> NDArray[np.float64]:
    """Of each stroke from the click nearest to it, less the median of all; NaN where none is near.

    Clicks are irregular and never nearer than 24 ms, so both are laid over each other where most of them meet.
    """
    clicks, strokes = np.asarray(recorded_s), np.asarray(struck_s)
    offset_s = max(_offsets(clicks, strokes), key=lambda offset: _meeting(clicks, strokes[:400] - offset))
    apart = _from_nearest(clicks, strokes - offset_s)
    apart[np.abs(apart) > NEAR_S] = np.nan
    return apart - np.nanmedian(apart)


def _offsets(clicks: NDArray[np.float64], strokes: NDArray[np.float64]) -> NDArray[np.float64]:
    """What may lie between the two clocks: one of five strokes, of which some are in time, with the first clicks."""
    return (strokes[20:25, None] - clicks[:200]).ravel()


def _meeting(clicks: NDArray[np.float64], strokes: NDArray[np.float64]) -> int:
    return int(np.sum(np.abs(_from_nearest(clicks, strokes)) < 0.004))


def _from_nearest(clicks: NDArray[np.float64], strokes: NDArray[np.float64]) -> NDArray[np.float64]:
    later = np.clip(np.searchsorted(clicks, strokes), 1, len(clicks) - 1)
    before, after = strokes - clicks[later - 1], strokes - clicks[later]
    return np.where(np.abs(before) < np.abs(after), before, after)


def main() -> None:
    notes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    with tempfile.TemporaryDirectory() as name:
        apart, keys = play(Path(name), notes, synchronous="--synchronous" in sys.argv)
    milliseconds = 1000 * np.abs(apart)
    print(f"{len(apart)} of {notes} keys were struck, {np.isfinite(apart).sum()} beside a click of the recording")
    for share in (50, 95, 99, 100):
        print(f"{share} % within {np.nanpercentile(milliseconds, share):.2f} ms")
    print(f"held, late: {LATE}")
    print(f"the player: {SAID}")
    print(f"still down: {sorted(keys.down)}")


if __name__ == "__main__":
    main()

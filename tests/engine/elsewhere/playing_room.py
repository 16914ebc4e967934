"""A real Pure Data that plays reels made for the purpose, and writes what it hears for those who take it elsewhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import correlate

from engine.history.archive.heard_files import name_format
from engine.osc.messages import Order
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.reels.reel_keys import ReelKeys
from tests.engine.elsewhere.instruments.click_track import Stage, Track

TONES: Final = 8
"""Channels that sound: piano, reverse, cello and bells."""


class Tones(Track):
    """A tone in each of four stems that rises and falls in its own way, so that any moment is like no other."""

    def reel(self, number: int) -> tuple[NDArray[np.float32], ReelKeys]:
        frames = number * REEL_FRAMES + np.arange(REEL_FRAMES + TAIL_FRAMES)
        time_s = (frames / SAMPLE_RATE_HZ)[:, None]
        channel = np.arange(TONES, dtype=np.float32)
        wobble = (3.0 * np.sin(2 * np.pi * time_s * (0.07 + 0.013 * channel))).astype(np.float32)
        loud = (0.03 + 0.018 * np.sin(2 * np.pi * time_s * (0.31 + 0.05 * channel))).astype(np.float32)
        turns = np.modf(110.0 * 1.13 ** (channel // 2) * time_s)[0].astype(np.float32)
        stems = np.zeros((REEL_FRAMES + TAIL_FRAMES, CHANNELS), np.float32)
        stems[:, :TONES] = loud * np.sin(np.float32(2 * np.pi) * turns + wobble)
        return stems, ReelKeys([], {})


def place_of(part: NDArray[np.float32], whole: NDArray[np.float32]) -> int:
    """Where `part` [frames] is most like `whole`; louder places win nothing by being louder."""
    products = correlate(whole, part, "valid", "fft")
    energy = np.cumsum(np.concatenate([[0.0], whole.astype(np.float64) ** 2]))
    return int(np.argmax(products / np.sqrt(energy[len(part) :] - energy[: -len(part)] + 1e-9)))


def tones(length_s: float) -> Tones:
    return Tones(np.zeros(0, np.int64), np.zeros(round(length_s * SAMPLE_RATE_HZ), np.float32))


@dataclass
class PlayingRoom:
    """`runtime` is its folder; `recording` what it plays, when it is over."""

    stage: Stage
    runtime: Path
    recording: Path

    def say_status(self, mood: str, phrase: str) -> None:
        """As the supervisor writes it."""
        (self.runtime / "status.json").write_text(json.dumps({"mood": mood, "phrase": phrase}), "utf-8")

    def stop_recording(self) -> None:
        self.stage.say(Order.RECORD_STOP)


@contextmanager
def playing_room(folder: Path, length_s: float, *patches: Path) -> Iterator[PlayingRoom]:
    """It plays in a thread for `length_s` at most; `patches` are opened beside it."""
    stage, over = Stage(folder, tones(length_s)), threading.Event()
    (folder / "heard").mkdir()
    room = PlayingRoom(stage, folder, folder / "out.wav")
    with stage.room(*patches):
        stage.until("/room/hello")
        stage.say("/room/wet", 0.0)
        stage.say("/room/lowcut_hz", 20.0)
        stage.say(Order.HEARD_START, name_format(folder / "heard", 1))
        stage.say(Order.RECORD_START, str(room.recording))
        thread = threading.Thread(target=lambda: _feed(stage, over), daemon=True)
        thread.start()
        try:
            yield room
        finally:
            over.set()
            thread.join()


def _feed(stage: Stage, over: threading.Event) -> None:
    while stage.feed() and not over.wait(0.1):
        pass

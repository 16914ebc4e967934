"""One insert alone between two memories: what it makes of a sound, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.effect import Insert
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.wheel import Wheels

Sound = NDArray[np.float32]
"""[frames, 2], a whole number of steps."""

INAUDIBLE = 2e-6
"""114 dB below full scale: what pyo's master level, which fades in, still lacks of 1."""


class InsertBench:
    def __init__(self, server: ManualServer, kind: type[Insert]) -> None:
        self._server, self._wheels = server, Wheels(server.frame)
        sides, self._memory = server.source(2)
        self._insert = kind(sides, self._wheels)
        self._insert.out.out()

    def play(self, sound: Sound, values: Mapping[str, float]) -> Sound:
        heard = []
        for step, start in enumerate(range(0, len(sound), STEP_FRAMES)):
            for side, memory in enumerate(self._memory):
                memory[:] = sound[start : start + STEP_FRAMES, side]
            self._wheels.turn(step)
            self._insert.set(values)
            heard.append(self._server.process())
        return np.concatenate(heard)


@contextmanager
def insert_bench(kind: type[Insert]) -> Iterator[InsertBench]:
    server = ManualServer(2, seed=1)
    try:
        yield InsertBench(server, kind)
    finally:
        server.close()


def tone(frequency_hz: float, level: float = 0.1, steps: int = 12) -> Sound:
    """A sine, the same on both sides."""
    place = np.arange(steps * STEP_FRAMES)
    one = level * np.sin(2 * np.pi * frequency_hz * place / SAMPLE_RATE_HZ)
    return np.stack([one, one], axis=1).astype(np.float32)


def level_db(sound: Sound) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))

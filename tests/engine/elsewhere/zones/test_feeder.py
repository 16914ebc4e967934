"""What the feeder says for snapserver, and how it reads frames."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import numpy as np

from engine.elsewhere.zones.feeder import DEAF_S, Feeder, samples
from engine.parameters.elsewhere import Zone


def test_frames_of_three_bytes_become_numbers() -> None:
    values = np.array([[0.5, -0.5, 0.0], [0.25, -1.0, 0.99]])
    data = b"".join(struct.pack("<i", int(value * 2**23))[:3] for value in values.ravel())
    assert np.allclose(samples(data, 3), values, atol=1e-6)
    assert samples(b"", 3).shape == (0, 3)


def test_a_snapserver_that_takes_nothing_gives_no_sign_of_life(tmp_path: Path) -> None:
    said: list[str] = []
    feeder = Feeder(tmp_path, {"foyer": Zone(stems=("piano",))}, lambda path, *_: said.append(path))
    now_s = time.monotonic()
    feeder.step(now_s)
    assert said == ["/zones/alive", "/snapserver/alive"], "nothing was offered yet"
    for second in range(8):  # nobody reads
        feeder._pipes.write([np.zeros((48_000, 2), np.float32)], now_s + second)
    said.clear()
    feeder.step(now_s + 8 + DEAF_S)
    assert said == ["/zones/alive"]
    feeder.close()

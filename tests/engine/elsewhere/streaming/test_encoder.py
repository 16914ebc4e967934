"""A program that ends, stands still or is not there is replaced, and never waited for."""

from __future__ import annotations

import sys
import time
from itertools import pairwise

from engine.elsewhere.streaming.encoder import MOST_WAITING_BYTES, STUCK_S, Encoder

SECOND = bytes(6 * 48_000)


def test_sound_is_handed_on() -> None:
    script = "import sys; data = sys.stdin.buffer.read(288000); sys.stdout.write(str(len(data)))"
    encoder = Encoder([sys.executable, "-c", script], takes_output=True)
    encoder.write(SECOND)
    end_s = time.monotonic() + 10.0
    said = b""
    while not said and time.monotonic() < end_s:
        encoder.step(0.0)
        time.sleep(0.02)
        if encoder.output is not None:
            try:
                said = __import__("os").read(encoder.output, 100)
            except BlockingIOError:
                continue
    encoder.close()
    assert said == b"288000"


def test_one_that_ends_is_started_again_after_longer_and_longer_pauses() -> None:
    encoder = Encoder([sys.executable, "-c", "pass"])
    starts: list[float] = []
    for tenth in range(200):
        before = encoder.starts
        encoder.step(tenth / 10)
        if encoder.starts > before:
            starts.append(tenth / 10)
            assert encoder._process is not None
            encoder._process.wait()
    pauses = [later - earlier for earlier, later in pairwise(starts)]
    assert len(pauses) >= 3
    assert pauses == sorted(pauses)
    encoder.close()


def test_one_that_takes_nothing_any_more_is_ended_and_old_sound_is_lost() -> None:
    encoder = Encoder([sys.executable, "-c", "import time; time.sleep(60)"])
    encoder.step(0.0)
    first = encoder._process
    for _ in range(8):
        encoder.write(SECOND)
    encoder.step(0.1)
    encoder.step(0.2 + STUCK_S)
    assert encoder.lost_bytes >= 8 * len(SECOND) - MOST_WAITING_BYTES - len(SECOND)
    assert first is not None
    assert first.poll() is not None
    encoder.close()


def test_a_program_that_is_not_there_is_tried_again_without_an_end() -> None:
    encoder = Encoder(["no-such-program-anywhere"])
    for second in range(100):
        encoder.step(float(second))
    assert not encoder.runs
    encoder.close()

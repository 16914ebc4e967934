"""Sound on its way to snapserver: nothing lost while the clocks agree, nobody waits, and zones stay in step."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from engine.elsewhere.zones.pipe import ZonePipe
from engine.elsewhere.zones.zone_pipes import FAR_S, FIRST_S, ZonePipes

STEP_S = 0.047
STEP = round(STEP_S * 48_000)
CHUNK = 960


class Snapserver:
    """Reads each zone every 20 ms of the test's own time, and plays silence for what is not there, as the real one."""

    def __init__(self, paths: list[Path], phases_s: tuple[float, ...]) -> None:
        self._readers = [os.open(path, os.O_RDONLY | os.O_NONBLOCK) for path in paths]
        self._next_s = list(phases_s)
        self.heard = [b"" for _ in paths]

    def until(self, now_s: float) -> None:
        for zone, reader in enumerate(self._readers):
            while self._next_s[zone] <= now_s:
                self._next_s[zone] += 0.02
                data = b""
                with suppress(BlockingIOError):
                    data = os.read(reader, 2 * CHUNK)
                self.heard[zone] += data + bytes(2 * CHUNK - len(data))

    def silent(self, zone: int) -> np.ndarray:
        return np.frombuffer(self.heard[zone], "<i2") == 0

    def close(self) -> None:
        for reader in self._readers:
            os.close(reader)


@contextmanager
def zones(folder: Path, *phases_s: float) -> Iterator[tuple[ZonePipes, Snapserver]]:
    paths = [folder / f"{number}.pipe" for number in range(len(phases_s))]
    for path in paths:
        os.mkfifo(path)
    pipes = ZonePipes([ZonePipe(path, 1) for path in paths])
    server = Snapserver(paths, phases_s)
    yield pipes, server
    server.close()
    pipes.close()


ROUND = 30_000


def ramp(first: int, frames: int) -> np.ndarray:
    """Each frame is its own number, from 1 on, again and again."""
    return ((1 + np.arange(first, first + frames) % ROUND) / 32_767.0)[:, None].astype(np.float32)


def play(pipes: ZonePipes, server: Snapserver, steps: range, busy: frozenset[int] = frozenset()) -> None:
    """`busy`: steps in which the process does not come to its work; what the room played meanwhile comes later."""
    waiting = 0
    for step in steps:
        waiting += STEP
        if step not in busy:
            sound = ramp((step + 1) * STEP - waiting, waiting)
            waiting = 0
            pipes.write([sound] * len(server.heard), step * STEP_S)
        server.until((step + 1) * STEP_S)


def apart_ms(server: Snapserver, phase_s: float) -> float:
    """How far the second zone is behind the first at one moment, in the last second; it reads later by `phase_s`."""
    length = min(map(len, server.heard)) // 2
    one, two = (np.frombuffer(heard, "<i2")[length - 48_000 : length].astype(int) for heard in server.heard)
    behind = (one - two + ROUND // 2) % ROUND - ROUND // 2
    return float(np.median(behind)) / 48 + 1000 * phase_s


def test_every_frame_arrives_once_and_in_order(tmp_path: Path) -> None:
    with zones(tmp_path, 0.0) as (pipes, server):
        play(pipes, server, range(200))
    frames = np.frombuffer(server.heard[0], "<i2")
    frames = frames[np.flatnonzero(frames)[0] :]
    assert len(frames) > 7 * 48_000
    assert np.array_equal(frames, np.round(ramp(0, len(frames))[:, 0] * 32_767.0))
    assert pipes.stretched == pipes.dropped_frames == pipes.brought_together == 0


def test_a_little_is_gathered_before_the_first_is_handed_on(tmp_path: Path) -> None:
    with zones(tmp_path, 0.0) as (pipes, server):
        play(pipes, server, range(int(0.9 * FIRST_S / STEP_S)))
        assert not any(server.heard[0])


def test_where_nobody_reads_old_sound_is_dropped_and_nothing_waits(tmp_path: Path) -> None:
    with zones(tmp_path, 0.0) as (pipes, _):
        for second in range(20):
            pipes.write([ramp(0, 48_000)], float(second))
        assert pipes.waiting_s <= FAR_S
        assert pipes.dropped_frames > 10 * 48_000
        assert pipes.taken_s < 4.0


def test_after_an_absence_the_music_goes_on_without_hurry(tmp_path: Path) -> None:
    with zones(tmp_path, 0.0) as (pipes, server):
        play(pipes, server, range(100))
        before = len(server.heard[0])
        for step in range(100, 140):
            pipes.write([ramp(step * STEP, STEP)], step * STEP_S)
        server._next_s = [140 * STEP_S]
        play(pipes, server, range(140, 400))
        steps = np.diff(np.frombuffer(server.heard[0][before:], "<i2").astype(int)) % ROUND
        assert np.count_nonzero(steps != 1) == 1, "one gap"
        assert pipes.stretched == 0
        assert pipes.dropped_frames > 24_000
        assert pipes.waiting_s < 1.5


@pytest.mark.parametrize("phase_s", [0.0, 0.007, 0.013])
def test_zones_that_are_read_at_other_moments_play_in_step(phase_s: float, tmp_path: Path) -> None:
    with zones(tmp_path, 0.0, phase_s) as (pipes, server):
        play(pipes, server, range(900))
    assert abs(apart_ms(server, phase_s)) < 2.5
    assert pipes.brought_together <= 2


@pytest.mark.parametrize("phase_s", [0.0, 0.007, 0.013])
def test_zones_that_were_taken_apart_are_brought_together(phase_s: float, tmp_path: Path) -> None:
    """The second zone plays a tenth of a second of silence, as if nothing had been in its pipe."""
    with zones(tmp_path, 0.0, phase_s) as (pipes, server):
        play(pipes, server, range(450))
        server._next_s[1] += 0.1
        server.heard[1] += bytes(2 * 4_800)
        play(pipes, server, range(450, 475))
        before_ms = apart_ms(server, phase_s)
        play(pipes, server, range(475, 900))
    assert before_ms == pytest.approx(100.0, abs=4.0), "the control"
    assert abs(apart_ms(server, phase_s)) < 2.5


def test_after_a_stall_of_this_process_zones_come_together(tmp_path: Path) -> None:
    with zones(tmp_path, 0.0, 0.013) as (pipes, server):
        play(pipes, server, range(150))
        play(pipes, server, range(150, 900), busy=frozenset(range(150, 166)))
        silence = [int(np.count_nonzero(server.silent(zone)[5 * 48_000 :])) for zone in range(2)]
    assert min(silence) > 4_800, "the pipes ran dry"
    assert abs(apart_ms(server, 0.013)) < 2.5

"""The room reaches listeners through a real Icecast and from this machine itself, whole, with its titles."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.files.paths import ROOT
from tests.engine.elsewhere.playing_room import PlayingRoom, place_of, playing_room
from tests.icecast import Icecast, Listener, decoded, icecast, needs_ffmpeg, needs_icecast
from tests.ports import free_port

pytestmark = pytest.mark.realtime


@contextmanager
def streamer(room: PlayingRoom, address: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "engine.elsewhere.streaming.streamer", "--stream", address]
    command += ["--runtime", str(room.runtime), "--port", str(room.stage.port)]
    with (room.runtime / "streamer.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def until(condition: Callable[[], object], limit_s: float, room: PlayingRoom) -> float:
    begins_s = time.monotonic()
    while not condition():
        assert time.monotonic() - begins_s < limit_s, (room.runtime / "streamer.log").read_text("utf-8")
        time.sleep(0.05)
    return time.monotonic() - begins_s


def recorded(room: PlayingRoom) -> NDArray[np.float32]:
    """What Pd played, left."""
    room.stop_recording()
    time.sleep(2.0)
    return np.asarray(soundfile.read(room.recording, dtype="float32")[0][:, 0])


def likeness(heard: NDArray[np.float32], played: NDArray[np.float32]) -> float:
    """Correlation where both lie best over each other; the first second of the decoder is left out."""
    part = heard[48_000:-24_000]
    place = place_of(part, played)
    return float(np.corrcoef(played[place : place + len(part)], part)[0, 1])


def longest_silence_s(sound: NDArray[np.float32]) -> float:
    """Between the first sound and the last."""
    loud = np.flatnonzero(np.abs(sound) > 1e-3)
    sound = sound[loud[0] : loud[-1]]
    quiet = np.abs(sound[: len(sound) // 480 * 480]).reshape(-1, 480).max(axis=1) < 1e-4
    longest = run = 0
    for is_quiet in quiet:
        run = run + 1 if is_quiet else 0
        longest = max(longest, run)
    return longest / 100


@needs_icecast
def test_icecast_hears_the_whole_room_with_its_titles_and_again_after_its_own_death(tmp_path: Path) -> None:
    with icecast() as server, playing_room(tmp_path, 120.0) as room:
        room.say_status("gymnopedie", "satie no. 1")
        with streamer(room, server.address("/room.mp3")):
            listener = Listener(f"http://127.0.0.1:{server.port}/room.mp3")
            until(lambda: listener.heard_bytes > 24_000 * 7, 60.0, room)  # 7 s of 192 kbit/s
            room.say_status("night", "satie no. 2")
            until(lambda: any("night" in title for title in listener.titles), 30.0, room)
            first = listener.pieces[-1]
            server.kill()
            time.sleep(1.5)
            before = len(listener.pieces)
            server.start()
            away_s = until(lambda: len(listener.pieces) > before and len(listener.pieces[-1]) > 24_000, 40.0, room)
            listener.close()
        played = recorded(room)
    sound = np.frombuffer(decoded(first, tmp_path), np.float32)
    assert any("gymnopedie - satie no. 1" in title for title in listener.titles)
    assert any("night - satie no. 2" in title for title in listener.titles)
    assert likeness(sound, played) > 0.98
    assert longest_silence_s(sound) < 0.05
    assert longest_silence_s(played) < 0.05, "the room does not notice"
    assert away_s < 20.0


@needs_icecast
def test_a_server_that_takes_nothing_any_more_does_not_hold_up_the_room(tmp_path: Path) -> None:
    with icecast() as server, playing_room(tmp_path, 60.0) as room:
        with streamer(room, server.address("/room.ogg")):
            listener = Listener(f"http://127.0.0.1:{server.port}/room.ogg", titles=False)
            until(lambda: listener.heard_bytes > 20_000, 40.0, room)
            _pause(server, 8.0)
            listener.close()
        played = recorded(room)
    assert longest_silence_s(played) < 0.05


def _pause(server: Icecast, length_s: float) -> None:
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(length_s)
    server.process.send_signal(signal.SIGCONT)


@needs_ffmpeg
def test_this_machine_serves_two_listeners_who_come_at_different_times(tmp_path: Path) -> None:
    port = free_port(1)
    with playing_room(tmp_path, 60.0) as room, streamer(room, f"http://127.0.0.1:{port}/room.opus"):
        room.say_status("gymnopedie", "satie no. 1")
        url = f"http://127.0.0.1:{port}/room.opus"
        first = Listener(url, titles=False)
        until(lambda: first.heard_bytes > 16_000 * 5, 40.0, room)
        second = Listener(url, titles=False)
        until(lambda: second.heard_bytes > 16_000 * 5, 40.0, room)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/now.json", timeout=5) as answer:
            now = json.load(answer)
        for listener in (first, second):
            listener.close()
        played = recorded(room)
    assert now == {"title": "Ameublement - gymnopedie - satie no. 1", "listeners": 2}
    for number, listener in enumerate((first, second)):
        folder = tmp_path / str(number)
        folder.mkdir()
        sound = np.frombuffer(decoded(listener.pieces[-1], folder), np.float32)
        assert likeness(sound, played) > 0.98
        assert longest_silence_s(sound) < 0.05

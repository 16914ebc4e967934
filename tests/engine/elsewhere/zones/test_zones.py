"""Two zones and three clients of a real snapserver: each hears its zone's mix, in step with the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.files.paths import ROOT
from engine.history.archive.heard_files import name_format
from engine.osc.messages import Order
from engine.parameters.elsewhere import Zone
from engine.parameters.stems import STEMS
from engine.reels.format import REEL_FRAMES
from engine.room.zones_patch import write_zones
from tests.engine.elsewhere.playing_room import PlayingRoom, playing_room, tones
from tests.engine.elsewhere.streaming.test_streamer import longest_silence_s, recorded
from tests.engine.elsewhere.zones.likeness import GOOD, Second, along, likeness
from tests.ports import free_port
from tests.snapcast import clients, needs_snapcast, played, snapserver, until

pytestmark = [pytest.mark.realtime, needs_snapcast]

ZONES = {"foyer": Zone(stems=("piano", "cello"), level_db=-6.0), "stairs": Zone(stems=("bells",), mono=True)}
STREAMS = {"one": "foyer", "two": "foyer", "three": "stairs"}
SECONDS = float(os.environ.get("ZONES_SECONDS", "12"))
"""How long is listened; by hand 600."""

AGAIN_S = 8.0
"""After the first sound of a client that has come back; of these seconds the last five are compared."""


@contextmanager
def feeder(room: PlayingRoom) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "engine.elsewhere.zones.feeder", "--runtime", str(room.runtime)]
    command += ["--port", str(room.stage.port), "--zones", json.dumps({k: v.model_dump() for k, v in ZONES.items()})]
    with (room.runtime / "feeder.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def mix(zone: Zone, length_s: float) -> NDArray[np.float32]:
    """What a zone is to play, [frames, channels], by arithmetic from the reels."""
    track, parts = tones(length_s), []
    for number in range(track.reels):
        stems, _ = track.reel(number)
        pairs = [stems[:REEL_FRAMES, 2 * STEMS.index(stem) : 2 * STEMS.index(stem) + 2] for stem in zone.stems]
        parts.append(np.sum(pairs, axis=0) * 10 ** (zone.level_db / 20))
    whole = np.concatenate(parts)
    return whole.mean(axis=1, keepdims=True) if zone.mono else whole


def apart_s(samples: dict[str, list[tuple[float, int]]], found: dict[str, list[Second]], one: str, two: str) -> float:
    """How far two clients are from each other: where in the music each was at the same moment, on average."""
    moment_s, places = samples[one][0][0], []
    for name in (one, two):
        times, frames = np.array(samples[name]).T
        written = float(np.mean(frames - 48_000 * (times - moment_s)))
        places.append(written + float(np.median([place - at for at, place, like in found[name] if like > GOOD])))
    return abs(places[0] - places[1]) / 48_000


def test_each_client_hears_its_zone_in_step_and_comes_back_when_snapserver_was_killed(tmp_path: Path) -> None:
    length_s = SECONDS + 120.0
    patch, folder = tmp_path / "zones.pd", tmp_path / "zones"
    write_zones(ZONES, patch)
    with (
        snapserver(folder, ZONES, free_port(2)) as server,
        playing_room(tmp_path, length_s, patch) as room,
        feeder(room),
    ):
        room.stage.say(Order.ZONES_START, name_format(folder, 1))
        with clients(server, tmp_path, STREAMS) as files:
            until(lambda: all(path.exists() and path.stat().st_size > 800_000 for path in files.values()), 60.0)
            samples = listen(files, SECONDS)
            heard = {name: heard_by(name, files[name]) for name in files}
            server.kill()
            before = {name: files[name].stat().st_size for name in files}
            time.sleep(0.5)
            server.start()
            away_s = until(lambda: all(sounds_anew(name, files[name], before[name]) for name in files), 60.0)
            time.sleep(AGAIN_S)
            again = {name: heard_by(name, files[name])[-240_000:] for name in files}
        sound = recorded(room)
    wholes = {name: mix(ZONES[stream], length_s) for name, stream in STREAMS.items()}
    begins = {name: max(0, len(heard[name]) - round((SECONDS - 2) * 48_000)) for name in STREAMS}
    found = {name: _from(begins[name], along(heard[name][begins[name] :], wholes[name])) for name in STREAMS}
    likenesses = {name: (likeness(found[name]), likeness(along(again[name], wholes[name]))) for name in STREAMS}
    print(f"alike before and after {likenesses}, away for {away_s:.1f} s")
    assert min(map(min, likenesses.values())) > GOOD, likenesses
    stranger = likeness(along(again["three"], wholes["one"][:, :1]))
    assert stranger < 0.9, f"the control: the other zone is no match, {stranger}"
    in_zone_s, zones_s = (apart_s(samples, found, "one", other) for other in ("two", "three"))
    print(f"apart by {1000 * in_zone_s:.2f} ms in one zone, by {1000 * zones_s:.2f} ms between zones")
    assert in_zone_s < 0.005
    assert zones_s < 0.012, "after two seconds of comparing; less than 0.002 after ten"
    assert away_s < 5.0
    assert longest_silence_s(sound) < 0.05, "the room does not notice"


def _from(begin: int, found: list[Second]) -> list[Second]:
    return [(begin + at, place, like) for at, place, like in found]


def heard_by(name: str, path: Path) -> NDArray[np.float32]:
    return played(path, 1 if ZONES[STREAMS[name]].mono else 2)


def sounds_anew(name: str, path: Path, size: int) -> bool:
    """Whether a client begins its file anew, which it does when it comes back, and sounds; `size` is the old one."""
    sound = heard_by(name, path)[-4_800:]
    return path.stat().st_size < size and len(sound) > 0 and float(np.abs(sound).max()) > 1e-3


def listen(files: dict[str, Path], length_s: float) -> dict[str, list[tuple[float, int]]]:
    """How many frames each client had played at which moment."""
    samples: dict[str, list[tuple[float, int]]] = {name: [] for name in files}
    end_s = time.monotonic() + length_s
    while time.monotonic() < end_s:
        for name, path in files.items():
            width = 2 if ZONES[STREAMS[name]].mono else 4
            samples[name].append((time.monotonic(), path.stat().st_size // width))
        time.sleep(0.005)
    return samples

"""Ten minutes of two zones at three clients of a real snapserver: what each plays, and how far from each other.

Ten seconds at a time: where in the music each client was at the same moment, by how much its file had grown, and how
like its zone it was, second by second. With `--stall` the feeder is stopped for most of a second at a quarter and at
half of the time. Snapserver then plays silence in each zone for a length of its own: the control, for it takes zones
apart.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.history.archive.heard_files import name_format
from engine.osc.messages import Order
from engine.room.zones_patch import write_zones
from tests.engine.elsewhere.playing_room import playing_room
from tests.engine.elsewhere.streaming.test_streamer import longest_silence_s, recorded
from tests.engine.elsewhere.zones.likeness import GOOD, Second, along
from tests.engine.elsewhere.zones.test_zones import STREAMS, ZONES, feeder, heard_by, mix, sounds_anew
from tests.ports import free_port
from tests.snapcast import Server, clients, snapserver, until

WINDOW_S: Final = 10.0
STALL_S: Final = 0.7
LOOKED_S: Final = 0.02


def measure(folder: Path, minutes: float, stall: bool = False) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    length_s = 60.0 * minutes
    patch, zones = folder / "zones.pd", folder / "zones"
    write_zones(ZONES, patch)
    with (
        snapserver(zones, ZONES, free_port(2)) as server,
        playing_room(folder, length_s + 120.0, patch) as room,
        feeder(room) as feeding,
        clients(server, folder, STREAMS) as files,
    ):
        room.stage.say(Order.ZONES_START, name_format(zones, 1))
        until(lambda: all(path.exists() and path.stat().st_size > 2_000_000 for path in files.values()), 90.0)
        stalls = [length_s / 4, length_s / 2] if stall else []
        samples, first = _listen(files, length_s, stalls, feeding.pid)
        away_s = _killed(server, files)
        heard = {name: heard_by(name, files[name].with_suffix(".before")) for name in files}
        sound = recorded(room)
    wholes = {zone: mix(ZONES[zone], length_s + 120.0) for zone in ZONES}
    found = {
        name: [(first[name] + at, place, like) for at, place, like in along(heard[name][first[name] :], wholes[zone])]
        for name, zone in STREAMS.items()
    }
    return {
        "minutes": minutes,
        "stalled_s": stalls,
        "least_likeness": {name: float(np.min([like for _, _, like in one])) for name, one in found.items()},
        "seconds_below_0.999": {name: sum(like < GOOD for _, _, like in one) for name, one in found.items()},
        "apart_ms": {
            f"{one} and {two}": _summary(_apart(samples, found, one, two))
            for one, two in (("one", "two"), ("one", "three"))
        },
        "away_s": away_s,
        "room_silent_s": longest_silence_s(sound),
        "feeder": (folder / "feeder.log").read_text("utf-8")[-500:],
    }


def _listen(
    files: dict[str, Path], length_s: float, stalls: list[float], feeding: int
) -> tuple[dict[str, NDArray[np.float64]], dict[str, int]]:
    """How many frames each client had played at which moment, and with which frame that began."""
    samples: dict[str, list[tuple[float, int]]] = {name: [] for name in files}
    begin_s = now_s = time.monotonic()
    waiting = list(stalls)
    while now_s - begin_s < length_s:
        for name, path in files.items():
            samples[name].append((time.monotonic(), path.stat().st_size // _width(name)))
        if waiting and now_s - begin_s > waiting[0]:
            waiting.pop(0)
            os.kill(feeding, signal.SIGSTOP)
            time.sleep(STALL_S)
            os.kill(feeding, signal.SIGCONT)
        time.sleep(LOOKED_S)
        now_s = time.monotonic()
    return {name: np.array(one) for name, one in samples.items()}, {name: one[0][1] for name, one in samples.items()}


def _width(name: str) -> int:
    return 2 if ZONES[STREAMS[name]].mono else 4


def _killed(server: Server, files: dict[str, Path]) -> float:
    """Kill snapserver; seconds until all clients sound again. What they played before is kept beside."""
    server.kill()
    for path in files.values():
        path.with_suffix(".before").write_bytes(path.read_bytes())
    before = {name: path.stat().st_size for name, path in files.items()}
    server.start()
    return until(lambda: all(sounds_anew(name, files[name], before[name]) for name in files), 30.0)


def _apart(samples: dict[str, NDArray[np.float64]], found: dict[str, list[Second]], one: str, two: str) -> list[float]:
    """Milliseconds between two clients in each window; a window in which one was not like its zone is left out."""
    begin_s, end_s = samples[one][0, 0], samples[one][-1, 0]
    apart = []
    for from_s in np.arange(begin_s, end_s - WINDOW_S, WINDOW_S):
        middle_s = from_s + WINDOW_S / 2
        places = [_place_at(samples[name], found[name], from_s, middle_s) for name in (one, two)]
        if None not in places:
            apart.append(1000.0 * (places[0] - places[1]) / 48_000)  # type: ignore[operator]
    return apart


def _place_at(sample: NDArray[np.float64], found: list[Second], from_s: float, middle_s: float) -> float | None:
    """Where in the music a client was at `middle_s`, by a line through what its file held at each look."""
    inside = sample[(sample[:, 0] >= from_s) & (sample[:, 0] < from_s + WINDOW_S)]
    frames = float(np.mean(inside[:, 1] - 48_000 * (inside[:, 0] - middle_s)))
    begin, end = inside[0, 1], inside[-1, 1]
    seconds = [(at, place, like) for at, place, like in found if begin <= at < end]
    if len(seconds) < 4 or min(like for _, _, like in seconds) < 0.99:
        return None
    return frames + float(np.median([place - at for at, place, _ in seconds]))


def _summary(apart_ms: list[float]) -> dict[str, object]:
    distance = np.abs(apart_ms)
    if not len(distance):
        return {"windows": 0}
    return {
        "windows": len(distance),
        "median": float(np.median(distance)),
        "95 %": float(np.percentile(distance, 95)),
        "largest": float(distance.max()),
        "under_5": float(np.mean(distance < 5.0)),
        "each": [round(value, 2) for value in apart_ms],
    }

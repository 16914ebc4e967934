"""The feeder process: `python -m engine.elsewhere.zones.feeder --runtime DIR --port N --zones JSON`.

It reads behind Pure Data the zones that it mixes, and hands each to snapserver through a pipe. It speaks for snapserver
as well: one that takes nothing any more does not answer, and the supervisor starts another.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from engine.elsewhere.heard_tail import HeardTail
from engine.elsewhere.streaming.source import Source
from engine.elsewhere.zones.pipe import ZonePipe
from engine.elsewhere.zones.snapserver import make_pipes, pipe_path
from engine.elsewhere.zones.zone_pipes import ZonePipes
from engine.osc.messages import Report
from engine.osc.side_process import begin, moments, option_parser, reporter
from engine.parameters.elsewhere import Zone
from engine.room.zones_patch import channels

STEP_S: Final = 0.047
"""No multiple of the 20 ms in which snapserver reads: so each look meets another moment between two of its reads."""
SECOND_S: Final = 1.0
DEAF_S: Final = 3.0

log = logging.getLogger("zones")


class Feeder:
    """All zones of a room. `report` takes an OSC path and arguments."""

    def __init__(self, runtime: Path, zones: dict[str, Zone], report: Callable[..., None]) -> None:
        self._report, self._count = report, channels(zones)
        self._source = Source(HeardTail(runtime / "zones"), 3 * self._count)
        make_pipes(runtime / "zones", zones)
        counts = {name: 1 if zone.mono else 2 for name, zone in zones.items()}
        self._pipes = ZonePipes([ZonePipe(pipe_path(runtime / "zones", name), n) for name, n in counts.items()])
        self._edges = np.cumsum(list(counts.values()))[:-1]
        self._second_s = 0.0
        self._begun_s = time.monotonic()

    def step(self, now_s: float) -> None:
        sound = samples(self._source.read(now_s), self._count)
        self._pipes.write(np.split(sound, self._edges, axis=1), now_s)
        if now_s >= self._second_s:
            self._second_s = now_s + SECOND_S
            self._report(Report.ZONES_ALIVE, 1.0)
            if self._snapserver_takes(now_s):
                self._report(Report.SNAPSERVER_ALIVE, 1.0)

    def close(self) -> None:
        log.info("%s", self._pipes.figures)
        self._pipes.close()

    def _snapserver_takes(self, now_s: float) -> bool:
        """One to which nothing was offered yet is believed."""
        return now_s - max(self._pipes.taken_s, self._begun_s) < DEAF_S or self._pipes.waiting_s == 0.0


def samples(data: bytes, count: int) -> NDArray[np.float32]:
    """24-bit frames as they lie in a file, as [frames, count] float32 between -1 and 1."""
    thirds = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
    joined = (thirds[:, 0] << 8) | (thirds[:, 1] << 16) | (thirds[:, 2] << 24)
    return (joined.reshape(-1, count) / 2.0**31).astype(np.float32)


def main() -> None:
    parser = option_parser("Hand the zones of a room to snapserver.")
    parser.add_argument("--zones", required=True, help="the zones by name, as JSON")
    options, steps_s = begin(parser), moments(STEP_S)
    zones = TypeAdapter(dict[str, Zone]).validate_json(options.zones)
    with reporter(options) as report:
        feeder = Feeder(options.runtime, zones, report)
        for now_s in steps_s:
            feeder.step(now_s)
        feeder.close()


if __name__ == "__main__":
    main()

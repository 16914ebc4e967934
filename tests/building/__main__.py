"""`python -m tests.building stream --minutes 60` and `zones --minutes 10`: figures as JSON, on a machine with nothing
else to do. Needs ffmpeg and icecast2, snapserver and snapclient (Debian has all four)."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path

from tests.building import route, stream, zones

PARTS = {
    "route": lambda _, options: route.measure(options.strokes),
    "stream": lambda out, options: stream.measure(out, options.minutes),
    "zones": lambda out, options: zones.measure(out, options.minutes, options.stall),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure for long what plays beside the room.")
    parser.add_argument("part", choices=sorted(PARTS))
    parser.add_argument("--minutes", type=float, default=10.0, help="how long is listened")
    parser.add_argument("--out", type=Path, help="folder for recordings and figures")
    parser.add_argument("--strokes", type=int, default=10_000, help="route: how many keys are struck")
    parser.add_argument("--stall", action="store_true", help="zones: stop the feeder twice, as a busy machine would")
    options = parser.parse_args()
    out = options.out or Path(tempfile.mkdtemp(prefix="building-"))
    before = os.getloadavg()[0]
    figures = PARTS[options.part](out, options)
    figures["load"] = [before, *os.getloadavg()]
    (out / f"{options.part}.json").write_text(json.dumps(figures, indent=1), "utf-8")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

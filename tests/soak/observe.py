"""Lets the installation play for hours in real time and writes down how it does: `python -m tests.soak.observe DIR`."""

from __future__ import annotations

import argparse
import csv
import json
import time
from pathlib import Path
from typing import Any, Final

from engine.moods import list_moods
from tests.installation import Running, installation

EVERY_S: Final = 5.0
MOOD_EVERY_S: Final = 600.0
PARTS: Final = ("supervisor", "sampler", "renderer", "room", "spare")
COLUMNS: Final = (
    *("time_s", "mood", "level_db", "lead_reels", "late_reels", "bad_reels", "holds", "hold_s", "gaps", "gap_s"),
    *("restarts", "runtime_mb", "logs_mb", "failing"),
    *(f"{part}_{what}" for part in PARTS for what in ("mb", "handles", "cpu_s")),
)


def row_of(report: dict[str, Any], runtime: Path) -> dict[str, object]:
    """One line of the table from one `status.json`."""
    row: dict[str, object] = {
        "time_s": report["uptime_s"],
        "mood": report["mood"],
        "level_db": max(report["level_db"]),
        "lead_reels": report["lead_reels"],
        "late_reels": report["late_reels"],
        "bad_reels": report["bad_reels"],
        "holds": report["holds"],
        "hold_s": report["hold_s"],
        "gaps": report["gaps"],
        "gap_s": report["gap_s"],
        "restarts": sum(report["restarts"].values()),
        "runtime_mb": report["disk_mb"].get("runtime_used", 0.0),
        "logs_mb": sum(path.stat().st_size for path in (runtime / "logs").glob("*")) / 1e6,
        "failing": " ".join(report["failing"]),
    }
    for part in PARTS:
        row[f"{part}_mb"] = report["memory_mb"].get(part, 0.0)
        row[f"{part}_handles"] = report["handles"].get(part, 0)
        row[f"{part}_cpu_s"] = report["cpu_s"].get(part, 0.0)
    return row


def observe(folder: Path, hours: float, *options: str) -> Path:
    """Play for `hours` in `folder`, another mood every ten minutes; the table, which grows line by line."""
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / "soak.csv"
    with installation(folder, "--minutes", str(hours * 60.0), *options) as run, table.open("w") as sink:
        writer = csv.DictWriter(sink, COLUMNS)
        writer.writeheader()
        begin_s = time.monotonic()
        moods = list_moods()
        turn = 0
        while run.process.poll() is None:
            time.sleep(EVERY_S)
            if time.monotonic() - begin_s >= (turn + 1) * MOOD_EVERY_S:
                turn += 1
                run.say("/mood", moods[turn % len(moods)])
            _write(writer, run, folder / "runtime")
            sink.flush()
    return table


def _write(writer: csv.DictWriter[str], run: Running, runtime: Path) -> None:
    try:
        report = json.loads((runtime / "status.json").read_text("utf-8"))
    except (OSError, ValueError):
        return  # at the very start, and at the end
    writer.writerow(row_of(report, runtime))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--textures", type=Path, help="folder of texture files")
    options = parser.parse_args()
    more = ("--textures", str(options.textures)) if options.textures else ()
    observe(options.folder, options.hours, *more)

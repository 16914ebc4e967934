"""Lets the installation play for hours in real time and writes down how it does."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psutil

from engine.parameters.moods import list_moods
from tests.installation import Running, installation

EVERY_S: Final = 5.0
MOOD_EVERY_S: Final = 300.0
PARTS: Final = ("supervisor", "hub", "sampler", "renderer", "room", "spare", "archivist")
"""All that run for good."""
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
        row |= _cost(part, report["pids"].get(part))
    return row


def _cost(part: str, pid: int | None) -> dict[str, object]:
    """Memory, open files and processor time of the process that is this part now."""
    with suppress(psutil.Error):
        if pid is not None:
            process = psutil.Process(pid)
            with process.oneshot():
                times = process.cpu_times()
                memory_mb = round(process.memory_info().rss / 1e6, 2)
            spent_s = round(times.user + times.system, 2)
            return {f"{part}_mb": memory_mb, f"{part}_handles": process.num_fds(), f"{part}_cpu_s": spent_s}
    return {f"{part}_{what}": 0 for what in ("mb", "handles", "cpu_s")}


def observe(folder: Path, hours: float, moods: Sequence[str] = (), options: Sequence[str] = ()) -> Path:
    """Play for `hours` in `folder`, another of `moods` (all there are) every five minutes; the table, which grows line
    by line. `options` are those of `run`."""
    folder.mkdir(parents=True, exist_ok=True)
    moods = moods or list_moods()
    table = folder / "soak.csv"
    how = ("--mood", moods[0], "--minutes", str(hours * 60.0), *options)
    with installation(folder, *how, draws_all=True) as run, table.open("w") as sink:
        writer = csv.DictWriter(sink, COLUMNS)
        writer.writeheader()
        begin_s = time.monotonic()
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

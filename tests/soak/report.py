"""The report of a soak: figures and pictures from the table of the hours, the recording, and the simulation."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np

from tests.soak.listening import listen
from tests.soak.observe import PARTS

mpl.use("Agg")

import matplotlib.pyplot as plt


def write_report(out: Path, table: Path, simulation: Path, recording: Path) -> Path:
    """Writes `report.md` and its pictures into `out`, from what there is; the report."""
    out.mkdir(parents=True, exist_ok=True)
    rows = read_table(table)
    found = json.loads(simulation.read_text("utf-8"))
    sound = listen(recording)
    _picture_of_hours(rows, sound, out / "hours.png")
    _picture_of_simulation(found, out / "simulation.png")
    report = out / "report.md"
    report.write_text(_text(rows, sound, found), "utf-8")
    return report


def read_table(table: Path) -> dict[str, np.ndarray]:
    """Columns of the soak's table by name; texts are left out."""
    with table.open() as source:
        lines = list(csv.DictReader(source))
    columns = {}
    for name in lines[0]:
        try:
            columns[name] = np.array([float(line[name] or 0.0) for line in lines])
        except ValueError:
            continue
    return columns


def slope_per_h(time_s: np.ndarray, values: np.ndarray) -> float:
    """Growth per hour in the second half: in the first, caches fill and the moods' networks are loaded in turn."""
    kept = time_s > time_s[-1] / 2
    return float(np.polyfit(time_s[kept] / 3600.0, values[kept], 1)[0]) if kept.sum() > 2 else 0.0


def _picture_of_hours(rows: Mapping[str, np.ndarray], sound: Mapping[str, Any], path: Path) -> None:
    hours = rows["time_s"] / 3600.0
    figure, axes = plt.subplots(4, 1, figsize=(10, 11), sharex=True, layout="constrained")
    for part in PARTS:
        axes[0].plot(hours, rows[f"{part}_mb"], label=part)
    axes[0].set_ylabel("memory, MB")
    axes[0].legend(ncol=len(PARTS), fontsize=8)
    axes[1].plot(hours, rows["lead_reels"], linewidth=0.5)
    axes[1].set_ylabel("reels ahead")
    axes[2].plot(np.arange(len(sound["levels_db"])) * sound["step_s"] / 3600.0, sound["levels_db"])
    axes[2].set_ylabel("level of 20 s, dB")
    axes[3].plot(hours, rows["gap_s"], label="nothing heard, s")
    axes[3].plot(hours, rows["hold_s"], label="hold loop, s")
    axes[3].plot(hours, rows["restarts"], label="restarts")
    axes[3].legend(fontsize=8)
    axes[3].set_xlabel("hours in real time")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _picture_of_simulation(found: Mapping[str, Any], path: Path) -> None:
    hours = [one["hour"] for one in found["hours"]]
    figure, axes = plt.subplots(3, 1, figsize=(10, 7), sharex=True, layout="constrained")
    for axis, name, label in zip(
        axes, ("rss_mb", "files", "disk_mb"), ("memory, MB", "files", "disk, MB"), strict=True
    ):
        axis.plot(hours, [one[name] for one in found["hours"]])
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
    axes[-1].set_xlabel("simulated hours")
    figure.savefig(path, dpi=100)
    plt.close(figure)


TEMPLATE: Final = """# Soak

Written by `python -m tests.soak` on {day}. Not edited by hand.

## {hours:.2f} hours in real time

Recorded: {recorded_h:.2f} h; longest silence {longest} frames, {silent} silent frames in all; loudest 20 s
{loudest:.1f} dB, quietest {quietest:.1f} dB. Late reels {late_reels:.0f}, hold loop {holds:.0f} times for
{hold_s:.1f} s, gaps {gaps:.0f} ({gap_s:.1f} s), restarts {restarts:.0f}, bad reels {bad_reels:.0f}.

| part | memory at the end | growth per hour, second half | handles, first and last | processor |
|---|---|---|---|---|
{parts}

Runtime folder {runtime_mb:.1f} MB, logs {logs_mb:.3f} MB ({logs_slope:.3f} MB per hour, rotated at 1 MB).

![memory, lead, level, gaps](hours.png)

## {simulated} hours simulated

Conductor, phrase store, reels by name, judge, remedies, log and daybook on a clock of their own; a part dies every two
hours, the clock is set by a day forth and back, the machine sleeps once.

Phrases {phrases}, memory {slope:+.3f} MB per hour, at most {files} files and {disk:.1f} MB on disk, false alarms
{alarms}, restarts {deaths}.

The daily lines:

{days}

![memory, files, disk](simulation.png)
"""


def _text(rows: Mapping[str, np.ndarray], sound: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    time_s, levels_db = rows["time_s"], sound["levels_db"]
    return TEMPLATE.format(
        **{name: values[-1] for name, values in rows.items()},
        day=datetime.now(UTC).date(),
        hours=time_s[-1] / 3600,
        recorded_h=sound["length_s"] / 3600,
        longest=sound["longest_silence_frames"],
        silent=sound["silent_frames"],
        loudest=max(levels_db),
        quietest=min(levels_db[1:-1] or levels_db),
        parts="\n".join(_part(rows, time_s, part) for part in PARTS),
        logs_slope=slope_per_h(time_s, rows["logs_mb"]),
        simulated=len(found["hours"]),
        phrases=found["hours"][-1]["phrases"],
        slope=found["slope_mb_per_h"],
        files=max(one["files"] for one in found["hours"]),
        disk=max(one["disk_mb"] for one in found["hours"]),
        alarms=len(found["alarms"]),
        deaths=found["restarts"],
        days="\n".join(f"- {day}" for day in found["days"]),
    )


def _part(rows: Mapping[str, np.ndarray], time_s: np.ndarray, part: str) -> str:
    memory, handles, cpu = (rows[f"{part}_{what}"] for what in ("mb", "handles", "cpu_s"))
    cells: Sequence[str] = (
        part,
        f"{memory[-1]:.1f} MB",
        f"{slope_per_h(time_s, memory):+.2f} MB",
        f"{handles[min(len(handles) - 1, 12)]:.0f}, {handles[-1]:.0f}",
        f"{cpu[-1] / time_s[-1]:.1%} of a core",
    )
    return f"| {' | '.join(cells)} |"

"""The report of a soak: a section and perhaps a picture of each part that was run, in one file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.soak import flood, pictures, quietest
from tests.soak.growth import growth
from tests.soak.listening import listen
from tests.soak.observe import PARTS


@dataclass(frozen=True)
class Table:
    """A table of the hours or of the rendering: columns of numbers by name, and the moods."""

    numbers: Mapping[str, np.ndarray]
    moods: Sequence[str]

    @property
    def time_s(self) -> np.ndarray:
        return self.numbers["time_s"]

    def since(self, begin_s: float) -> Table:
        """What comes later, timed from there."""
        kept = self.time_s >= begin_s
        numbers = {name: column[kept] for name, column in self.numbers.items()}
        moods = [mood for mood, keep in zip(self.moods, kept, strict=True) if keep]
        return Table({**numbers, "time_s": numbers["time_s"] - begin_s}, moods)

    def growth(self, column: str) -> str:
        return str(growth(list(self.time_s), list(self.numbers[column]), self.moods))


def read_table(path: Path) -> Table:
    """Other texts than the moods are left out."""
    with path.open() as source:
        lines = list(csv.DictReader(source))
    columns = {}
    for name in lines[0]:
        try:
            columns[name] = np.array([float(line[name] or 0.0) for line in lines])
        except ValueError:
            continue
    return Table(columns, [line["mood"] for line in lines])


def write_report(found: Path, into: Path) -> Path:
    """Writes `report.md` and its pictures into `into`, from what there is in the folder `found`; the report."""
    into.mkdir(parents=True, exist_ok=True)
    sections = [section(found / part, into) for part, section in SECTIONS.items() if (found / part).exists()]
    report = into / "report.md"
    report.write_text("\n".join([HEAD.format(day=datetime.now(UTC).date()), *sections]), "utf-8")
    return report


HEAD: Final = """# Soak

Written by `python -m tests.soak` on {day}. Not edited by hand. Growth of memory is that of the least that each
visit to a mood needed, every mood compared with itself only, after the first half hour.
"""

HOURS: Final = """## {hours:.2f} hours in real time

Recorded: {recorded_h:.2f} h; longest silence {longest} frames, {silent} silent frames in all; loudest 20 s
{loudest:.1f} dB, quietest {quietest:.1f} dB. Late reels {late_reels:.0f}, hold loop {holds:.0f} times for
{hold_s:.1f} s, gaps {gaps:.0f} ({gap_s:.1f} s), restarts {restarts:.0f}, bad reels {bad_reels:.0f}.

| part | memory at the end | growth per hour | handles, first and last | processor |
|---|---|---|---|---|
{parts}

Runtime folder {runtime_mb:.1f} MB, logs {logs_mb:.3f} MB (rotated at 1 MB).

![memory, lead, level, gaps](hours.png)
"""

RENDERING: Final = """## {hours:.1f} hours rendered without a pause

The renderer alone, as fast as it goes, another mood every five minutes: {first:.0f} MB after half an hour,
{last:.0f} MB at the end, growth {growth} per hour; in the second half {later}.

![memory](rendering.png)
"""

SIMULATION: Final = """## {simulated} hours simulated

Conductor, phrase store, reels by name, judge, remedies, log and daybook on a clock of their own; a part dies every two
hours, the clock is set by a day forth and back, the machine sleeps once.

Phrases {phrases}, memory {slope:+.3f} MB per hour, at most {files} files and {disk:.1f} MB on disk, false alarms
{alarms}, restarts {deaths}.

The daily lines:

{days}

![memory, files, disk](simulation.png)
"""

FUZZ: Final = """## {count:,} damaged inputs

The longest took {longest_s:.2f} s, no reader had more than {most_mb:.0f} MB. Went wrong: {wrong}. {guided}

| reader | inputs |
|---|---|
{readers}
"""


def _hours(folder: Path, into: Path) -> str:
    table, sound = read_table(folder / "soak.csv"), listen(folder / "out.wav")
    pictures.hours(table.numbers, sound, into / "hours.png")
    levels_db = sound["levels_db"]
    return HOURS.format(
        **{name: values[-1] for name, values in table.numbers.items()},
        hours=table.time_s[-1] / 3600,
        recorded_h=sound["length_s"] / 3600,
        longest=sound["longest_silence_frames"],
        silent=sound["silent_frames"],
        loudest=max(levels_db),
        quietest=min(levels_db[1:-1] or levels_db),
        parts="\n".join(_part(table, part) for part in PARTS),
    )


def _part(table: Table, part: str) -> str:
    memory, handles, cpu = (table.numbers[f"{part}_{what}"] for what in ("mb", "handles", "cpu_s"))
    cells = (
        part,
        f"{memory[-1]:.1f} MB",
        table.growth(f"{part}_mb"),
        f"{handles[min(len(handles) - 1, 12)]:.0f}, {handles[-1]:.0f}",
        f"{cpu[-1] / table.time_s[-1]:.1%} of a core",
    )
    return f"| {' | '.join(cells)} |"


def _rendering(path: Path, into: Path) -> str:
    table = read_table(path)
    pictures.rendering(table.numbers, into / "rendering.png")
    warm = table.numbers["mb"][np.searchsorted(table.time_s, 1800.0) :]
    return RENDERING.format(
        hours=table.time_s[-1] / 3600,
        first=warm[0],
        last=table.numbers["mb"][-1],
        growth=table.growth("mb"),
        later=table.since(table.time_s[-1] / 2).growth("mb"),
    )


def _simulation(path: Path, into: Path) -> str:
    found = json.loads(path.read_text("utf-8"))
    pictures.simulation(found, into / "simulation.png")
    return SIMULATION.format(
        simulated=len(found["hours"]),
        phrases=found["hours"][-1]["phrases"],
        slope=found["slope_mb_per_h"],
        files=max(one["files"] for one in found["hours"]),
        disk=max(one["disk_mb"] for one in found["hours"]),
        alarms=len(found["alarms"]),
        deaths=found["restarts"],
        days="\n".join(f"- {day}" for day in found["days"]),
    )


def _fuzz(path: Path, _: Path) -> str:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    guided = found["guided"]
    more = (
        f"Of them {guided['runs']:,} are MIDI files that atheris made, which reached {guided['reached']} places of"
        f" code and kept {guided['kept']} files that had reached new ones."
        if guided
        else "None was guided by coverage."
    )
    return FUZZ.format(
        count=sum(found["inputs"].values()) + guided.get("runs", 0),
        longest_s=found["longest_s"],
        most_mb=found["most_mb"],
        wrong="; ".join(found["problems"]) or "nothing",
        guided=more,
        readers="\n".join(f"| {name} | {count:,} |" for name, count in found["inputs"].items()),
    )


SECTIONS: Final[Mapping[str, Callable[[Path, Path], str]]] = {
    "hours": _hours,
    "quietest": lambda folder, _: quietest.section(folder),
    "rendering.csv": _rendering,
    "simulation.json": _simulation,
    "flood.json": lambda path, _: flood.section(json.loads(path.read_text("utf-8"))),
    "fuzz.json": _fuzz,
}
"""By the name of what a part leaves behind."""

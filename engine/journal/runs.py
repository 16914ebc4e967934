"""What was played when: the engine's stream as runs, and their reels as cells on the clock.

A cell is some seconds that the room played without a break, from one record `playing` to the next. Within a run cells
are measured by the monotonic clock, which nobody sets; the wall clock says where each begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.journal.reader import Losses, Record, first_record, read_segment
from engine.journal.segments import list_segments
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES, REEL_S

MARGIN_S: Final = 600.0
LOST_S: Final = 1.0
"""A run that was killed may have played this much longer than its last record says."""


@dataclass
class RunRecords:
    """What the journal still holds of one renderer's life, in order. `head` is a segment's headline."""

    run: str
    head: Record
    records: list[Record] = field(default_factory=list)
    losses: Losses = field(default_factory=Losses)


@dataclass(frozen=True, slots=True)
class Cell:
    """`frames` of `run` from `first_frame` on, heard from `wall_s` (since 1970) and `mono_s` on."""

    run: str
    first_frame: int
    frames: int
    wall_s: float
    mono_s: float
    joined: bool = False
    """Nothing else was heard between the cell before it and this one."""

    @property
    def length_s(self) -> float:
        return self.frames / SAMPLE_RATE_HZ


def read_runs(folder: Path, from_s: float, to_s: float) -> list[RunRecords]:
    """Runs that may have played between two wall clock times, with a segment more before them to run up from."""
    segments = list_segments(folder, "engine")
    heads = [first_record(path) for path in segments]
    wanted: set[int] = set()
    for number in range(len(segments)):
        begin, following = heads[number], heads[number + 1] if number + 1 < len(segments) else None
        times = [head.wall_s for head in (begin, following) if head is not None]
        open_ended = following is None
        if not times or (min(times) - MARGIN_S <= to_s and (open_ended or max(times) + MARGIN_S >= from_s)):
            wanted |= {max(0, number - 1), number}
    runs: list[RunRecords] = []
    for number in sorted(wanted):
        _take_segment(runs, segments[number])
    return runs


def _take_segment(runs: list[RunRecords], path: Path) -> None:
    losses = Losses()
    records = list(read_segment(path, losses))
    head = records[0] if records and records[0].kind == "segment" else None
    if head is not None and (not runs or runs[-1].run != head.fields.get("run")):
        runs.append(RunRecords(str(head.fields.get("run")), head))
    if runs:
        runs[-1].records += [record for record in records if record.kind != "segment"]
        runs[-1].losses.lines += losses.lines


def cells(runs: Iterable[RunRecords]) -> list[Cell]:
    """Everything these runs played, in the order in which it was heard."""
    every = list(runs)
    found: list[Cell] = []
    for number, run in enumerate(every):
        following = every[number + 1] if number + 1 < len(every) else None
        found += _cells_of(run, _end_mono_s(run, following))
    return found


def _cells_of(run: RunRecords, end_mono_s: float) -> Iterator[Cell]:
    playing = [record for record in run.records if record.kind == "playing"]
    after_hold = _after_hold(run)
    for number, record in enumerate(playing):
        reel = int(record.fields["reel"])
        reels = round((end_mono_s - record.mono_s) / REEL_S)
        if number + 1 < len(playing):
            following = playing[number + 1]
            elapsed = round((following.mono_s - record.mono_s) / REEL_S)
            on = max(0, int(following.fields["reel"]) - reel)
            reels = on if on <= elapsed + _LATE_REPORTS else elapsed
        if reels > 0:
            joined = number > 0 and number not in after_hold
            yield Cell(run.run, reel * REEL_FRAMES, reels * REEL_FRAMES, record.wall_s, record.mono_s, joined)


def _after_hold(run: RunRecords) -> set[int]:
    """Which of the run's records `playing`, counted from 0, came after the hold loop."""
    found: set[int] = set()
    count, held = 0, False
    for record in run.records:
        held |= record.kind == "hold" and bool(record.fields.get("on"))
        if record.kind == "playing":
            if held:
                found.add(count)
            count, held = count + 1, False
    return found


def _end_mono_s(run: RunRecords, following: RunRecords | None) -> float:
    """When the last reel of a run had been played: at its end, or when the next run's first reel took over."""
    last_s = max((record.mono_s for record in run.records), default=run.head.mono_s)
    if run.records and run.records[-1].kind == "end":
        return last_s
    first = next((r for r in following.records if r.kind == "playing"), None) if following else None
    if first is not None and 0 <= first.mono_s - last_s <= MARGIN_S:
        hold = next((r for r in reversed(run.records) if r.kind in ("hold", "playing")), None)
        return hold.mono_s if hold is not None and hold.kind == "hold" else min(first.mono_s, last_s + _LEAD_S)
    return last_s + LOST_S


_LEAD_S: Final = 15.0
"""Until the next `playing` was due, and the reels that were ready then."""
_LATE_REPORTS: Final = 10
"""A renderer that was held up hears of so many reels at once, and notes the first too late."""

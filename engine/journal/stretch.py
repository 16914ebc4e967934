"""A stretch of the past: which frames of which run were heard from some time on, and where nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from engine.errors import JournalError
from engine.journal.runs import Cell
from engine.parameters.stems import SAMPLE_RATE_HZ

_JOINT_S = 0.3
"""Cells this close follow each other without a break: reports of the room arrive some milliseconds late."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`frames` of `run` from `first_frame` on, at frame `place` of the stretch."""

    run: str
    first_frame: int
    frames: int
    place: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """`frames` from `start_s` (since 1970) on; between the pieces the engine was not heard."""

    start_s: float
    frames: int
    pieces: tuple[Piece, ...]

    @property
    def length_s(self) -> float:
        return self.frames / SAMPLE_RATE_HZ

    @property
    def gaps_s(self) -> list[tuple[float, float]]:
        """Start and length, in seconds within the stretch, of each time without reels longer than a joint."""
        edges = [(0, 0), *((p.place, p.place + p.frames) for p in self.pieces), (self.frames, self.frames)]
        gaps = [(end, start - end) for (_, end), (start, _) in pairwise(edges)]
        return [(at / SAMPLE_RATE_HZ, n / SAMPLE_RATE_HZ) for at, n in gaps if n > _JOINT_S * SAMPLE_RATE_HZ]


def parse_time(text: str) -> list[datetime]:
    """The moments that a time such as "2026-11-23 20:15" can mean here: one, or two in the hour that winter repeats.

    With an offset ("2026-10-25T02:30+01:00") it is never more than one. Raises JournalError.
    """
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise JournalError(f'--at {text!r} is no time; give one such as "2026-11-23 20:15"') from None
    if given.tzinfo is not None:
        return [given.astimezone(UTC)]
    moments = sorted({given.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})
    real = [moment for moment in moments if moment.astimezone().replace(tzinfo=None) == given]
    if not real:
        raise JournalError(f"--at {text!r}: that time was skipped when the clocks went forward; give another")
    return real


def find_starts(cells: Sequence[Cell], moments: Sequence[datetime]) -> list[tuple[int, float]]:
    """Every place (number of a cell, seconds into it) that was heard at one of these moments.

    A moment at which nothing was heard counts as the beginning of the next cell, with negative seconds.
    """
    inside = [
        (number, moment.timestamp() - cell.wall_s)
        for moment in moments
        for number, cell in enumerate(cells)
        if 0 <= moment.timestamp() - cell.wall_s < cell.length_s
    ]
    if inside:
        return _apart(cells, inside)
    between = []
    for moment in moments:
        if cells and moment.timestamp() < cells[0].wall_s:
            between.append((0, moment.timestamp() - cells[0].wall_s))
        for number, (one, other) in enumerate(pairwise(cells)):
            if one.wall_s + one.length_s <= moment.timestamp() < other.wall_s:
                between.append((number + 1, moment.timestamp() - other.wall_s))
    return between


def _apart(cells: Sequence[Cell], starts: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Without those that are the same place, seen from two cells whose ends overlap by milliseconds."""
    kept: list[tuple[int, float]] = []
    for number, into_s in sorted(starts):
        mono_s = cells[number].mono_s + into_s
        if not any(abs(cells[n].mono_s + s - mono_s) < _JOINT_S for n, s in kept):
            kept.append((number, into_s))
    return kept


def stretch(cells: Sequence[Cell], start: tuple[int, float], length_s: float) -> Stretch:
    """What was heard in `length_s` from `start` on, as `find_starts` gave it."""
    number, into_s = start
    first = cells[number]
    frames = round(length_s * SAMPLE_RATE_HZ)
    pieces: list[Piece] = []
    place = -round(into_s * SAMPLE_RATE_HZ)
    before: Cell | None = None
    for cell in cells[number:]:
        if before is not None:
            place += before.frames
            gap_s = _gap_s(before, cell)
            if gap_s > _JOINT_S and not cell.joined:
                place += round(gap_s * SAMPLE_RATE_HZ)
        if place >= frames:
            break
        begin, end = max(0, place), min(frames, place + cell.frames)
        if end > begin:
            _add(pieces, Piece(cell.run, cell.first_frame + begin - place, end - begin, begin))
        before = cell
    return Stretch(first.wall_s + into_s, frames, tuple(pieces))


def _gap_s(before: Cell, after: Cell) -> float:
    """Time between two cells: by the monotonic clock, unless the machine was started in between."""
    if after.mono_s > before.mono_s:
        return after.mono_s - before.mono_s - before.length_s
    return max(0.0, after.wall_s - before.wall_s - before.length_s)


def _add(pieces: list[Piece], piece: Piece) -> None:
    """Join a piece to the one it continues."""
    last = pieces[-1] if pieces else None
    if (
        last is not None
        and last.run == piece.run
        and last.first_frame + last.frames == piece.first_frame
        and last.place + last.frames == piece.place
    ):
        pieces[-1] = Piece(last.run, last.first_frame, last.frames + piece.frames, last.place)
    else:
        pieces.append(piece)


def local(moment_s: float) -> str:
    """For people: a moment in local time, to the second."""
    return datetime.fromtimestamp(moment_s, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def span_text(seconds: float) -> str:
    """For people: a length of time."""
    return str(timedelta(seconds=round(seconds)))

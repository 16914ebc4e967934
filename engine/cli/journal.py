"""`journal list` and `replay`: what was played, and any of it again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.album.output_folder import OutputFolder
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.errors import JournalError
from engine.files.state_folder import DEFAULT_PORT, StateFolder, default_state_folder
from engine.journal.days import Day, read_days
from engine.journal.reader import Losses
from engine.journal.runs import Cell, RunRecords, cells, read_runs
from engine.journal.stretch import Stretch, find_starts, local, parse_time, span_text, stretch
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.signals import stop_as_by_ctrl_c

journal = typer.Typer(help="The durable record of everything that was played.", no_args_is_help=True)

State = Annotated[Path | None, typer.Option("--state", help="The folder that `run` was given.")]
Port = Annotated[int, typer.Option(min=1024, max=65531, help="The port that `run` was given.")]


def state_folder(state: Path | None, port: int) -> StateFolder:
    return StateFolder((state or default_state_folder(port)).resolve())


@journal.command("list")
def list_(
    state: State = None,
    port: Port = DEFAULT_PORT,
    days: Annotated[int, typer.Option(min=1, help="Show so many days, up to the latest.")] = 7,
) -> None:
    """Say what was played on each day: when, for how long, in which moods, how many phrases."""
    folder = state_folder(state, port).journal
    losses = Losses()
    found = read_days(folder, losses)
    if not found:
        raise JournalError(f"{folder} holds no journal yet; `run` writes one (or give its --state)")
    console = plain_console()
    console.print(_table(found[-days:]))
    for line in losses.lines:
        console.print(f"lost: {line}", style="yellow")


def _table(days: Sequence[Day]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("day", "from", "to"):
        table.add_column(heading)
    for heading in ("played", "in hold", "phrases", "seed"):
        table.add_column(heading, justify="right")
    table.add_column("moods", overflow="fold")
    for day in days:
        for number, span in enumerate(day.spans):
            table.add_row(
                day.date if number == 0 else "",
                *(span.begins, span.ends, span_text(span.length_s), span_text(span.hold_s)),
                *(str(span.phrases), str(span.seed), ", ".join(span.moods)),
            )
    return table


def replay(
    at: Annotated[str, typer.Option(help='When, in local time: "2026-11-23 20:15", or with an offset.')],
    out: Annotated[Path, typer.Option(help="Folder to make.")],
    minutes: Annotated[float, typer.Option(min=0.02, max=240.0, help="How long.")] = 10.0,
    exact: Annotated[
        bool, typer.Option("--exact", help="From the beginning of the run: the same bit for bit, but slow after hours.")
    ] = False,
    which: Annotated[int | None, typer.Option(min=1, help="Which of several, where that time came twice.")] = None,
    textures: Annotated[Path | None, typer.Option(help="Folder in which to look for textures that moved.")] = None,
    state: State = None,
    port: Port = DEFAULT_PORT,
) -> None:
    """Render a stretch of the past again: stems, their sum, notes as MIDI, as the engine sent them to the room."""
    found, runs = find_stretch(state_folder(state, port).journal, at, minutes * 60.0, which)
    console = plain_console(stderr=True)
    for line in about(found):
        console.print(line)
    from engine.history.replay.rendering import BYTES_PER_S, Rendering, render_into  # the command line stays light

    stop_as_by_ctrl_c()
    folder = OutputFolder(out, round(BYTES_PER_S * found.length_s))
    with progress(console) as bar:
        task = bar.add_task("rendering", total=1.0)
        rendering = Rendering(
            textures=[textures.resolve()] if textures else [],
            from_beginning=exact,
            progress=lambda share: bar.update(task, completed=share),
        )
        try:
            render_into(folder.work, found, runs, rendering)
            folder.finish()
        finally:
            folder.abandon()
    for line in rendering.complaints.lines:
        console.print(line, style="yellow")
    console.print(f"{out}: {span_text(found.length_s)} from {local(found.start_s)} on")


def find_stretch(folder: Path, at: str, length_s: float, which: int | None) -> tuple[Stretch, list[RunRecords]]:
    """What was heard at a time that a person gave. Raises JournalError where that is nothing, or may be two things."""
    moments = parse_time(at)
    times_s = [moment.timestamp() for moment in moments]
    runs = read_runs(folder, min(times_s), max(times_s) + length_s)
    heard = cells(runs)
    starts = find_starts(heard, moments)
    if not starts or starts[0][1] <= -length_s:
        raise JournalError(f"nothing was played at {at}; {_nearest(folder, heard, times_s[0])}")
    if len(starts) > 1 and which is None:
        choices = "; ".join(f"--which {n} began {_when(heard, start)}" for n, start in enumerate(starts, 1))
        raise JournalError(f"{at} came {len(starts)} times, for the clock was set back: {choices}")
    if which is not None and which > len(starts):
        raise JournalError(f"--which {which}: of {at} there is only {len(starts)}")
    found = stretch(heard, starts[(which or 1) - 1], length_s)
    if not found.pieces:
        raise JournalError(f"nothing was played then; {_nearest(folder, heard, times_s[0])}")
    return found, runs


def _when(heard: Sequence[Cell], start: tuple[int, float]) -> str:
    number, into_s = start
    return f"{span_text(heard[number].mono_s + into_s)} after the machine's start"


def _nearest(folder: Path, heard: Sequence[Cell], time_s: float) -> str:
    """Where the journal has something, for people."""
    if not heard:
        days = read_days(folder, Losses())
        if not days:
            return f"{folder} holds no journal yet"
        return f"the journal reaches from {days[0].date} to {days[-1].date}: see `journal list`"
    before = [cell for cell in heard if cell.wall_s + cell.length_s <= time_s]
    after = [cell for cell in heard if cell.wall_s > time_s]
    words = []
    if before:
        last = max(before, key=lambda cell: cell.wall_s)
        words.append(f"it played until {local(last.wall_s + last.length_s)}")
    if after:
        words.append(f"{'and ' if before else 'it played '}from {local(min(cell.wall_s for cell in after))} on")
    return " ".join(words)


def about(found: Stretch) -> list[str]:
    """What a listener should know of a stretch before it is rendered."""
    lines = [
        f"from {local(found.start_s + at_s)} the engine was not heard for {length_s:.1f} s: silent there"
        for at_s, length_s in found.gaps_s
    ]
    runs = [piece.run for piece in found.pieces]
    for number in range(1, len(runs)):
        if runs[number] != runs[number - 1]:
            at_s = found.pieces[number].place / SAMPLE_RATE_HZ
            lines.append(f"at {local(found.start_s + at_s)} the renderer was started anew; the stretch goes on with it")
    return lines

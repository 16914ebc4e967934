"""`render`: a record from a YAML file and a seed, from a mood, or from an evening that happened."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import HIGHEST_SEED
from engine.errors import RecordError
from engine.files.state_folder import DEFAULT_PORT
from engine.signals import stop_as_by_ctrl_c

if TYPE_CHECKING:
    from engine.album.plan.plan import RecordPlan
    from engine.album.rendering.order import Order
    from engine.album.rendering.rendering import Result

console = plain_console()
DEFAULT_SEED = 1


class Rate(StrEnum):
    CD = "44100"
    ENGINE = "48000"


Seed = Annotated[int | None, typer.Option(min=0, max=HIGHEST_SEED, help="Another seed, another record.")]
Takes = Annotated[int | None, typer.Option(min=1, max=32, help="Draw each section so often and keep the best take.")]


def render(
    out: Annotated[Path | None, typer.Option(help="Folder that is made for it; `--choose` needs none.")] = None,
    sheet: Annotated[
        Path | None, typer.Argument(metavar="EP.yaml", help="A record, or the recipe.json of one.")
    ] = None,
    seed: Seed = None,
    rate: Annotated[Rate, typer.Option(help="Frames per second of the files.")] = Rate.ENGINE,
    soundfont: Annotated[Path | None, typer.Option(help="Another .sf2 or .sf3 file for the voices.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a record that is there already.")] = False,
    takes: Takes = None,
    choose: Annotated[bool, typer.Option("--choose", help="Listen to takes on a page, and keep some.")] = False,
    keep_choices: Annotated[
        bool, typer.Option("--keep-choices", help="Keep what `--takes` found best beside the record's file.")
    ] = False,
    from_mood: Annotated[str, typer.Option(help="Make a long piece of a mood in place of a record's file.")] = "",
    from_journal: Annotated[str, typer.Option(help='Master an evening that happened: "2026-11-23 20:15".')] = "",
    minutes: Annotated[float, typer.Option(min=0.2, max=59.0, help="How long, of a mood or an evening.")] = 40.0,
    state: Annotated[Path | None, typer.Option("--state", help="The folder that `run` was given.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65531, help="Of `run`; of the page, with --choose.")] = 0,
) -> None:
    """Render a record: tracks as FLAC and WAV, album with cue sheet, stems, MIDI, sleeve, credits and recipe.

    The same file, choices and seed give the same record, bit for bit on one machine; a recipe gives the same notes on
    any, for it holds them. Ctrl-C leaves nothing behind, nor does being stopped in any other way.
    """
    given = [
        name
        for name, is_given in (("EP.yaml", sheet), ("--from-mood", from_mood), ("--from-journal", from_journal))
        if is_given
    ]
    if len(given) != 1:
        raise typer.BadParameter(
            f"give one of EP.yaml, --from-mood and --from-journal, not {' and '.join(given) or 'none'}"
        )
    if choose:
        _choose(sheet, seed, takes or 8, soundfont, port)
        return
    if out is None:
        raise typer.BadParameter("give --out, the folder that is made")
    if from_journal:
        _evening(from_journal, minutes, out, int(rate), force, state, port or DEFAULT_PORT)
        return
    plan, order = _ordered(sheet, from_mood, minutes, seed, int(rate), soundfont, takes)
    result = _rendered(plan, order, out, force)
    if keep_choices and sheet is not None:
        _keep(sheet, order.seed, result)


def _ordered(
    sheet: Path | None,
    from_mood: str,
    minutes: float,
    seed: int | None,
    rate_hz: int,
    soundfont: Path | None,
    takes: int | None,
) -> tuple[RecordPlan, Order]:
    """The plan, and what is asked for besides; choices count unless takes are asked for anew."""
    from engine.album.choosing.choices import chosen_for, read_choices
    from engine.album.long_piece import mood_plan
    from engine.album.recipe import opened
    from engine.album.rendering.order import Order
    from engine.sound.voices.soundfonts import find_soundfont

    plan, remembered = (mood_plan(from_mood, minutes), None) if sheet is None else opened(sheet)
    choices = read_choices(sheet) if sheet is not None and takes is None else None
    usual = remembered.seed if remembered else choices.seed if choices else DEFAULT_SEED
    chosen_seed = seed if seed is not None else usual
    order = Order(
        seed=chosen_seed,
        rate_hz=rate_hz,
        soundfont=find_soundfont(soundfont),
        music=remembered.music if remembered and remembered.seed == chosen_seed else {},
        takes=takes or 1,
        chosen=chosen_for(choices, chosen_seed),
    )
    return plan, order


def _rendered(plan: RecordPlan, order: Order, out: Path, force: bool) -> Result:
    from engine.album.output_folder import OutputFolder
    from engine.album.rendering.rendering import needed_bytes, render_record

    stop_as_by_ctrl_c()
    folder = OutputFolder(out, needed_bytes(plan), force)
    minutes = f"{len(plan.tracks)} tracks, {plan.length_s / 60:.1f} minutes, seed {order.seed}"
    console.print(f"{plan.record.title}: {minutes}", highlight=False)
    for remark in plan.remarks:
        console.print(f"lost: {remark}", highlight=False, style="yellow", soft_wrap=True)
    with progress(console) as bar:
        task = bar.add_task("rendering", total=1.0)
        try:
            result = render_record(plan, order, folder, lambda share: bar.update(task, completed=share))
        except KeyboardInterrupt:
            bar.stop()
            console.print("interrupted: nothing was left behind")
            raise typer.Exit(130) from None
    console.print(_table(plan, result))
    console.print(f"{result.folder}", soft_wrap=True)
    return result


def _table(plan: RecordPlan, result: Result) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("track", "minutes", "LUFS", "dBTP", "stems"):
        table.add_column(heading)
    for planned, done in zip(plan.tracks, result.tracks, strict=True):
        length = f"{int(planned.length_s) // 60}:{int(planned.length_s) % 60:02d}"
        figures = (f"{done.lufs:.2f}", f"{done.true_peak_dbtp:.2f}")
        table.add_row(f"{planned.number} {planned.track.title}", length, *figures, " ".join(done.stems))
    return table


def _keep(sheet: Path, seed: int, result: Result) -> None:
    from engine.album.choosing.choices import Choices, choices_file, write_choices

    write_choices(choices_file(sheet), Choices(seed=seed, tracks=result.takes))
    console.print(f"choices kept in {choices_file(sheet)}", soft_wrap=True)


def _choose(sheet: Path | None, seed: int | None, takes: int, soundfont: Path | None, port: int) -> None:
    from engine.album.choosing.choices import choices_file, read_choices
    from engine.album.choosing.chooser import Chooser
    from engine.album.choosing.serving import serve_takes
    from engine.album.plan.plan import load_plan
    from engine.album.rendering.tasks import performer_of
    from engine.sound.voices.soundfonts import find_soundfont

    if sheet is None or sheet.suffix == ".json":
        raise RecordError("takes are chosen of a record's YAML file; give one")
    plan, known = load_plan(sheet), read_choices(sheet)
    chosen = seed if seed is not None else known.seed if known else DEFAULT_SEED
    chooser = Chooser(plan, sheet, chosen, takes, performer_of, find_soundfont(soundfont))
    serve_takes(chooser, plan.record.title, port, lambda line: console.print(f"listen at {line} (Ctrl-C ends)"))
    console.print(f"choices are in {choices_file(sheet)}; `render {sheet}` makes the record of them", soft_wrap=True)


def _evening(at: str, minutes: float, out: Path, rate_hz: int, force: bool, state: Path | None, port: int) -> None:
    from engine.album.evening import BYTES_PER_S, master_evening
    from engine.album.output_folder import OutputFolder
    from engine.cli.journal import about, find_stretch, state_folder

    found, runs = find_stretch(state_folder(state, port).journal, at, minutes * 60.0, None)
    for line in about(found):
        console.print(line)
    stop_as_by_ctrl_c()
    folder = OutputFolder(out, round(BYTES_PER_S * found.length_s), force)
    with progress(console) as bar:
        task = bar.add_task("rendering", total=1.0)
        complaints = master_evening(folder, found, runs, rate_hz, lambda share: bar.update(task, completed=share))
    for line in complaints:
        console.print(line, style="yellow")
    console.print(f"{folder.path}", soft_wrap=True)

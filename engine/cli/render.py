"""`render`: a record from a YAML file and a seed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.signals import stop_as_by_ctrl_c

console = plain_console()
DEFAULT_SEED = 1


class Rate(StrEnum):
    CD = "44100"
    ENGINE = "48000"


def render(
    sheet: Annotated[Path, typer.Argument(metavar="EP.yaml", help="A record, or the recipe.json of one.")],
    out: Annotated[Path, typer.Option(help="Folder that is made for it.")],
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Another seed, another record.")] = None,
    rate: Annotated[Rate, typer.Option(help="Frames per second of the files.")] = Rate.ENGINE,
    soundfont: Annotated[Path | None, typer.Option(help="Another .sf2 or .sf3 file for the voices.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a record that is there already.")] = False,
) -> None:
    """Render a record: tracks as FLAC and WAV, album with cue sheet, stems, MIDI, sleeve, credits and recipe.

    The same file and seed give the same record, bit for bit on one machine; a recipe gives the same notes on any, for
    it holds them. Ctrl-C leaves nothing behind, nor does being stopped in any other way.
    """
    from engine.album.output_folder import OutputFolder
    from engine.album.recipe import opened
    from engine.album.rendering.order import Order
    from engine.album.rendering.rendering import needed_bytes, render_record
    from engine.sound.voices.soundfonts import find_soundfont

    plan, remembered = opened(sheet)
    chosen = seed if seed is not None else remembered.seed if remembered else DEFAULT_SEED
    order = Order(
        seed=chosen,
        rate_hz=int(rate),
        soundfont=find_soundfont(soundfont),
        music=remembered.music if remembered and remembered.seed == chosen else {},
    )
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
    table = Table(box=None, pad_edge=False)
    for heading in ("track", "minutes", "LUFS", "dBTP", "stems"):
        table.add_column(heading)
    for planned, done in zip(plan.tracks, result.tracks, strict=True):
        length = f"{int(planned.length_s) // 60}:{int(planned.length_s) % 60:02d}"
        figures = (f"{done.lufs:.2f}", f"{done.true_peak_dbtp:.2f}")
        table.add_row(f"{planned.number} {planned.track.title}", length, *figures, " ".join(done.stems))
    console.print(table)
    console.print(f"{result.folder}", soft_wrap=True)

"""`report`: a page that shows how a record, or a stretch that was kept, sounds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.terminal.output_paths import file_to_write
from engine.cli.terminal.printing import plain_console


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder made by `render`, or any with sound in it.")],
    out: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="The page. [default: report.html in the folder]")
    ] = None,
) -> None:
    """Write one HTML page: notes, spectrum, waveform, loudness, key, structure, and the operations verified."""
    from engine.album.report.report import write_report

    plain_console().print(f"{write_report(folder, out)}", soft_wrap=True)

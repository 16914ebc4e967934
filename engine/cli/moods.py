"""`moods`: what can be chosen, and which files are broken."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from engine.cli.terminal.printing import plain_console
from engine.errors import MoodError
from engine.parameters.moods import list_moods, load_mood, mood_folders


def moods() -> None:
    """List the moods; exit status 1 if a file among them is broken."""
    table = Table(box=None, pad_edge=False)
    for heading in ("mood", "title", "scale", "about"):
        table.add_column(heading, overflow="fold")
    broken: list[str] = []
    for name in list_moods():
        try:
            mood = load_mood(name)
        except MoodError as error:
            broken.append(str(error))
            continue
        table.add_row(name, mood.title, f"{mood.scale.root} {mood.scale.mode}", mood.about)
    console = plain_console()
    console.print(table)
    for complaint in broken:
        console.print(Text(complaint, style="red"), soft_wrap=True)
    if not table.row_count and not broken:
        console.print(f"There are no moods in {' or '.join(map(str, mood_folders()))}.")
    if broken:
        raise typer.Exit(1)

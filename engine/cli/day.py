"""`day`: what a day's file will do, before a room follows it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from rich.table import Table

from engine.cli.terminal.printing import plain_console
from engine.hub.schedule.plan import A_DAY, Plan
from engine.hub.schedule.settings import day_path, read_day
from engine.parameters.moods import list_moods


def day(
    name: Annotated[str, typer.Argument(help="A name in presets/days, or a .yaml file.")],
    start: Annotated[dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="[default: today]")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days to show.")] = 7,
) -> None:
    """List every change of mood and of opening that a day's file brings."""
    plan = Plan(read_day(day_path(name), list_moods()))
    date = start.date() if start else dt.datetime.now(plan.zone).date()
    begins = dt.datetime.combine(date, dt.time(), plan.zone).astimezone(dt.UTC)
    table = Table(box=None, pad_edge=False)
    for heading in ("when", "mood", "room"):
        table.add_column(heading)
    rows = [(begins, plan.at(begins)), *plan.changes(begins, begins + days * A_DAY)]
    for when, wanted in rows:
        local = when.astimezone(plan.zone)
        table.add_row(f"{local:%a %d %b %H:%M}", wanted.mood or "-", "open" if wanted.is_open else "closed")
    plain_console().print(table)

"""The progress bar of commands that take their time."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def progress(console: Console) -> Progress:
    """A bar with the time that is left."""
    return Progress(TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn(), console=console)

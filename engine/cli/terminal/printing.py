"""How commands print: what people wrote, titles and names and paths, is never taken for markup."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Final

from rich.console import Console

WIDTH: Final = 150
"""Columns where nobody says how wide it is, as in a file or a pipe: tables are whole there, headings too."""


def plain_console(stderr: bool = False) -> Console:
    """A console without markup in square brackets and without names of emoji; colours are given as styles."""
    stream = sys.stderr if stderr else sys.stdout
    is_told = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, markup=False, emoji=False, width=None if is_told else WIDTH)


def print_anything() -> None:
    """Print what the terminal has no letters for as escapes: names of files may be of any bytes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # where a test, or nobody, listens
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

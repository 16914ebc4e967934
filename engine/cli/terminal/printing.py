"""How commands print: what people wrote, titles and names and paths, is never taken for markup."""

from __future__ import annotations

import sys
from contextlib import suppress

from rich.console import Console


def plain_console(stderr: bool = False) -> Console:
    """A console without markup in square brackets and without names of emoji; colours are given as styles."""
    return Console(stderr=stderr, markup=False, emoji=False)


def print_anything() -> None:
    """Print what the terminal has no letters for as escapes: names of files may be of any bytes."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # where a test, or nobody, listens
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

"""Warnings of the engine and of models, printed while a command works."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

LOGGERS = ("engine", "models")


class _Printing(logging.Handler):
    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.print(record.getMessage(), style="yellow", soft_wrap=True)


@contextmanager
def warnings_printed(console: Console) -> Iterator[None]:
    """What is logged as a warning has a yellow line of its own."""
    handler = _Printing(console)
    for name in LOGGERS:
        logging.getLogger(name).addHandler(handler)
    try:
        yield
    finally:
        for name in LOGGERS:
            logging.getLogger(name).removeHandler(handler)

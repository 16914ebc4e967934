"""The structured log: one JSON object a line, in a file that is rotated; under systemd, journald gets it as well."""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

FILE_NAME: Final = "events.jsonl"
MOST_BYTES: Final = 1_000_000
OLD_FILES: Final = 4
"""So five megabytes at most."""
LINES_PER_MINUTE: Final = 300
"""A fault that repeats in every round must neither fill the disk nor wear it out; what is left out is counted."""


class EventLog:
    """`write` never raises, for a full disk must not end the music."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.left_out = 0
        self._handlers = [*self._file(), *_journald()]
        self._minute, self._lines = 0, 0

    def write(self, event: str, text: str, *, trouble: bool = False, **fields: Any) -> None:
        """One event: `event` for machines (`restart`, `hold`), `text` for people, and what else is known."""
        if self._too_many():
            return
        level = logging.WARNING if trouble else logging.INFO
        contents = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "monotonic_s": round(time.monotonic(), 3),
            "level": "warning" if trouble else "info",
            "event": event,
            "text": text,
            **fields,
        }
        record = logging.LogRecord("ameublement", level, "", 0, json.dumps(contents, default=str), None, None)
        for key, value in {"event": event, **fields}.items():
            record.__dict__.setdefault(key, value)
        for handler in self._handlers:
            with suppress(Exception):
                handler.handle(record)

    def close(self) -> None:
        for handler in self._handlers:
            handler.close()

    def _too_many(self) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        self._lines += 1
        self.left_out += self._lines > LINES_PER_MINUTE
        return self._lines > LINES_PER_MINUTE

    def _file(self) -> list[logging.Handler]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return [_QuietFile(self.path, maxBytes=MOST_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True)]
        except OSError:
            return []


class _QuietFile(RotatingFileHandler):
    """A file that is opened for each line, since its folder may be removed and come back; it fails silently."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):
            Path(self.baseFilename).parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)
        if self.stream:
            with suppress(OSError):
                self.stream.close()
            self.stream = None  # where it is None, it is opened for the next line

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """Nobody is there to be told."""


def _journald() -> list[logging.Handler]:
    """journald's own handler where systemd started us and listens."""
    if "JOURNAL_STREAM" not in os.environ:
        return []
    try:
        from logging_journald import JournaldLogHandler

        handler: logging.Handler = JournaldLogHandler(identifier="ameublement")
        return [handler]
    except (ImportError, OSError):
        return []

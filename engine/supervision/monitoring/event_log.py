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
_USUAL: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "event"}
"""What every record has; the rest was given as `extra`."""


class JsonLinesHandler(RotatingFileHandler):
    """A file that is opened for each line, since its folder may be removed and come back.

    It never raises, for a full disk must not end the music.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self.left_out = 0
        self._minute, self._lines = 0, 0
        super().__init__(self.path, maxBytes=MOST_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON: time, level, event (for machines), text (for people), and what `extra` held."""
        fields = {key: value for key, value in record.__dict__.items() if key not in _USUAL}
        contents: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "monotonic_s": round(time.monotonic(), 3),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "note"),
            "text": record.getMessage(),
            **fields,
        }
        return json.dumps(contents, default=str)

    def emit(self, record: logging.LogRecord) -> None:
        if self._too_many():
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            super().emit(record)
        if self.stream:
            with suppress(OSError):
                self.stream.close()
            self.stream = None  # where it is None, it is opened for the next line

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  (logging's name)
        """No subscriber is there."""

    def _too_many(self) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._lines = minute, 0
        self._lines += 1
        self.left_out += self._lines > LINES_PER_MINUTE
        return self._lines > LINES_PER_MINUTE


def journald_handlers() -> list[logging.Handler]:
    """journald's own handler where systemd started us and listens."""
    if "JOURNAL_STREAM" not in os.environ:
        return []
    try:
        from logging_journald import JournaldLogHandler

        handler: logging.Handler = JournaldLogHandler(identifier="ameublement")
        return [handler]
    except (ImportError, OSError):
        return []

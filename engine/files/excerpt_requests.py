"""Requests to keep something, on their way from the hub to the archivist: files in the runtime folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

MOST_WAITING: Final = 3
_KIND: Final = "wish"


class ExcerptRequests:
    """The hub's end is `ask`, the archivist's `take`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, minutes: float, now_s: float) -> str:
        """Ask to keep the `minutes` before `now_s` (since 1970); why that cannot be, empty when it was noted."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if len(list(self._folder.glob(f"*.{_KIND}"))) >= MOST_WAITING:
                return f"{MOST_WAITING} requests to keep something are waiting; ask again later"
            part = self._folder / f"{os.getpid()}.part"
            part.write_text(json.dumps({"minutes": minutes, "end_s": now_s}), "utf-8")
            os.replace(part, self._folder / f"{round(now_s * 1000)}.{_KIND}")
        except OSError as problem:
            return f"the request could not be written: {problem.strerror}"
        return ""

    def take(self) -> tuple[float, float] | None:
        """The oldest request: minutes, and their end since 1970. It is forgotten with this."""
        for path in sorted(self._folder.glob(f"*.{_KIND}")):
            try:
                request = json.loads(path.read_text("utf-8"))
                path.unlink()
                return float(request["minutes"]), float(request["end_s"])
            except (OSError, ValueError, KeyError, TypeError):
                path.unlink(missing_ok=True)
        return None

"""Hands each report to those who subscribed to it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from engine.osc.messages import fits, is_report

log = logging.getLogger("osc")

Handler = Callable[[str, tuple[object, ...], float], None]
"""Takes address, arguments (checked) and when it came, in monotonic seconds."""


MOST_NAMED: Final = 32


class Dispatcher:
    """Handlers are called in the order in which they subscribed."""

    def __init__(self) -> None:
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._of_all: list[Handler] = []
        self.malformed = 0
        """Reports that were dropped, because their arguments do not fit their address."""
        self._named: set[str] = set()

    def subscribe(self, handler: Handler, *paths: str) -> None:
        """Call `handler` for these reports; without any, for all."""
        for path in paths:
            self._handlers[path].append(handler)
        if not paths:
            self._of_all.append(handler)

    def dispatch(self, path: str, arguments: tuple[object, ...], now_s: float) -> None:
        """Tell everybody concerned of a report."""
        if not (is_report(path) and fits(path, arguments)):
            self.malformed += 1
            if path not in self._named and len(self._named) < MOST_NAMED:  # over and over it would fill the log
                self._named.add(path)
                log.warning("%s %s: no such report, or not its arguments; it is dropped", path, arguments)
            return
        for handler in (*self._of_all, *self._handlers.get(path, ())):
            handler(path, arguments, now_s)

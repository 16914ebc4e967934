"""Hands each report to those who subscribed to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from engine.osc.messages import fits, is_report

Handler = Callable[[str, tuple[object, ...], float], None]
"""Takes address, arguments (checked) and when it came, in monotonic seconds."""


class Dispatcher:
    """Handlers are called in the order in which they subscribed."""

    def __init__(self) -> None:
        self._handlers: defaultdict[str, list[Handler]] = defaultdict(list)
        self._of_all: list[Handler] = []
        self.malformed = 0
        """Reports that were dropped, because their arguments do not fit their address."""

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
            return
        for handler in (*self._of_all, *self._handlers.get(path, ())):
            handler(path, arguments, now_s)

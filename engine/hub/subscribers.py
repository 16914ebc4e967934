"""Programs that watch the installation from outside: who they are, what they are sent, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from engine.errors import ControlError
from engine.osc.messages import Report
from engine.osc.port import Endpoint, OscPort, RateLimit
from engine.parameters.address import Value

SUBSCRIPTION_S: Final = 15.0
MOST_SUBSCRIBERS: Final = 32
ERRORS_PER_STEP: Final = 20
DUMP_AGAIN_S: Final = 0.2
"""A dump answers one message with some 250: not more often than this for each subscriber."""
DUMP_PER_STEP: Final = 60
"""A socket that nobody has asked to be larger holds 256 small packets on Linux: what is sent at once may be lost."""
MANY: Final = 8
"""From so many values at once on, they are echoed at `MANY_PER_S`."""
MANY_PER_S: Final = 5.0


class Subscribers:
    """Subscribers, and what each of them sees: values as they change, reports, and errors."""

    def __init__(self, osc: OscPort, clock: Callable[[], float] = time.monotonic) -> None:
        self._osc, self._clock = osc, clock
        self.subscribers: dict[Endpoint, float] = {}
        """Until when each of them is told what is new."""
        self.shown: dict[str, tuple[object, ...]] = {}
        """Every report as it last was."""
        self._dumped_s: dict[Endpoint, float] = {}
        self._dumps: dict[Endpoint, dict[str, tuple[object, ...]]] = {}
        """What each of them is still to be told of its dump."""
        self._few = RateLimit(self._tell_all, clock)
        self._many = RateLimit(self._tell_all, clock, MANY_PER_S)
        self._errors_left = ERRORS_PER_STEP

    def subscribe(self, who: Endpoint) -> None:
        """From now on, and until it is silent for `SUBSCRIPTION_S`. Raises ControlError where there are too many."""
        if who not in self.subscribers and len(self.subscribers) >= MOST_SUBSCRIBERS:
            raise ControlError(f"{MOST_SUBSCRIBERS} listeners are subscribed already; try again when one has left")
        self.subscribers[who] = self._clock() + SUBSCRIPTION_S

    def dump(self, who: Endpoint, values: Mapping[str, Value]) -> None:
        """Tell one subscriber everything, some of it in each step, unless it was told just now."""
        now_s = self._clock()
        if now_s - self._dumped_s.get(who, -1e9) < DUMP_AGAIN_S:
            return
        self._dumped_s = {one: s for one, s in self._dumped_s.items() if one in self.subscribers}
        self._dumped_s[who] = now_s
        self._dumps[who] = {path: (value,) for path, value in values.items()} | self.shown
        self._send_dumps()

    def echo(self, values: Mapping[str, Value]) -> None:
        """Values that have changed; whole moods at a pace that a surface can draw."""
        limit, other = (self._many, self._few) if len(values) >= MANY else (self._few, self._many)
        for path, value in values.items():
            other.forget(path)
            limit.offer(path, value)

    def show(self, path: str, *arguments: object) -> None:
        """Tell every subscriber what is new, now and (through `/state/dump`) later ones."""
        if self.shown.get(path) == arguments:
            return
        self.shown[path] = arguments
        if self.subscribers:
            self._few.offer(path, *arguments)

    def report_error(self, path: str, what: str) -> None:
        """Something went wrong inside: everyone who looks should see it."""
        for who in self.subscribers:
            self._osc.send(who, Report.ERROR, path, what)

    def refuse(self, who: Endpoint, path: str, what: str) -> None:
        """Answer with what was wrong; only so many at a time, or a flood of nonsense would be answered with a flood."""
        if self._errors_left > 0:
            self._errors_left -= 1
            self._osc.send(who, Report.ERROR, path, what)

    def begin_step(self) -> None:
        """So many errors may be answered until the next time."""
        self._errors_left = ERRORS_PER_STEP

    def flush(self) -> None:
        """Send what was held back and is due; forget those who fell silent."""
        self._few.flush()
        self._many.flush()
        self._send_dumps()
        now_s = self._clock()
        self.subscribers = {who: end_s for who, end_s in self.subscribers.items() if end_s > now_s}

    @property
    def waiting(self) -> bool:
        return self._few.waiting or self._many.waiting or self.dumping

    @property
    def dumping(self) -> bool:
        """Whether somebody is still to be told of a part of what there is."""
        return bool(self._dumps)

    def _send_dumps(self) -> None:
        for who, rest in self._dumps.items():
            for path in list(rest)[:DUMP_PER_STEP]:
                self._osc.send(who, path, *rest.pop(path))
        self._dumps = {who: rest for who, rest in self._dumps.items() if rest and who in self.subscribers}

    def _tell_all(self, path: str, arguments: tuple[object, ...]) -> None:
        for who in self.subscribers:
            self._dumps.get(who, {}).pop(path, None)  # older than this
            self._osc.send(who, path, *arguments)

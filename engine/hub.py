"""The OSC hub: the public face of the installation, and the switchboard between its processes.

Whatever arrives is checked against the table in `engine.addresses`. A valid value is stored, forwarded
to the process that acts on it and echoed to everyone who subscribed; anything else is answered with
`/error` and counted. Runs in the supervisor's thread: `step` does what is due and returns at once.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from engine.addresses import ROOM, SOUND, Address, Value, find
from engine.control_state import ROOM_PATHS, ControlState
from engine.errors import ControlError
from engine.moods import list_moods
from engine.osc_port import LOOPBACK, BadPacket, Endpoint, Message, OscPort, RateLimit
from engine.reel_format import STEMS
from engine.room import SPARE_PORT

SUBSCRIPTION_S: Final = 15.0
MOST_SUBSCRIBERS: Final = 32
ERRORS_PER_STEP: Final = 20
INNER_REPORTS: Final = {
    "/sampler/alive": "f",
    "/renderer/hello": "*",
    "/renderer/lead": "f",
    "/renderer/nonfinite": "f",
    "/renderer/texture": "ss",
    "/phrase/now": "s",
    "/phrase/upcoming": "s",
    "/error": "ss",
    "/room/hello": "*",
    "/reel/playing": "s",
    "/reel/bad": "s",
    "/room/late": "f",
    "/room/hold": "f",
    "/room/queue": "f",
    "/room/meter": "ff",
    "/room/output": "ffff",
    "/room/waiting": "*",
    "/room/stopped": "*",
    "/hold/loaded": "*",
    "/hold/bad": "s",
    "/record/started": "s",
    "/record/done": "s",
    "/record/failed": "s",
}
"""What the other processes say, from this machine only: f a number, s a text, * whatever."""
METERS: Final = frozenset(f"/meter/{stem}" for stem in STEMS)
PASSED_ON: Final = frozenset({"/room/meter", "/phrase/now", "/phrase/upcoming"})

Report = Callable[[str, tuple[object, ...]], None]


class Hub:
    """`on_report(path, arguments)` is called for each report of another process, `on_change()` after each new value."""

    def __init__(
        self,
        state: ControlState,
        port: int,
        *,
        listen: bool = False,
        on_report: Report,
        on_change: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self.counts: Counter[str] = Counter()
        self.osc = OscPort("0.0.0.0" if listen else LOOPBACK, port)  # noqa: S104
        self.room: Endpoint = (LOOPBACK, self.osc.port + 1)
        self.renderer: Endpoint = (LOOPBACK, self.osc.port + 2)
        self.spare_room: Endpoint = (LOOPBACK, self.osc.port + SPARE_PORT)
        self._on_report, self._on_change, self._clock = on_report, on_change, clock
        self._subscribers: dict[Endpoint, float] = {}
        self._shown: dict[str, tuple[object, ...]] = {}
        self._to_room = RateLimit(lambda path, args: self.osc.send(self.room, path, *args), clock)
        self._to_renderer = RateLimit(lambda path, args: self.osc.send(self.renderer, path, *args), clock)
        self._to_subscribers = RateLimit(self._send_to_subscribers, clock)
        self._errors_left = ERRORS_PER_STEP

    # ------------------------------------------------------------------ in

    def step(self) -> None:
        """Take what has arrived, send what is due, forget subscribers who fell silent."""
        self._errors_left = ERRORS_PER_STEP
        for item in self.osc.received():
            self.counts["packets"] += 1
            if isinstance(item, BadPacket):
                self.counts["bad_packets"] += 1
                self._refuse(item.source, "", item.reason)
            else:
                self._take(item)
        for limit in (self._to_room, self._to_renderer, self._to_subscribers):
            limit.flush()
        now_s = self._clock()
        self._subscribers = {who: end_s for who, end_s in self._subscribers.items() if end_s > now_s}

    @property
    def due_s(self) -> float:
        """How long the caller may sleep before `step` has something to send again."""
        limits = (self._to_room, self._to_renderer, self._to_subscribers)
        return 0.02 if any(limit.waiting for limit in limits) else 1.0

    def _take(self, message: Message) -> None:
        inner = message.path in INNER_REPORTS or message.path in METERS
        if inner and message.source[0] == LOOPBACK:
            self._take_report(message)
            return
        try:
            row = find(message.path)
            value = row.parse(message.arguments)
            self._act(row, value, message.source)
        except ControlError as error:
            self.counts["refused"] += 1
            self._refuse(message.source, message.path, str(error))

    def _take_report(self, message: Message) -> None:
        if not _fits(INNER_REPORTS.get(message.path, "ff"), message.arguments):
            self.counts["bad_reports"] += 1
            return
        if message.path in PASSED_ON or message.path in METERS:
            self.show(message.path, *message.arguments)
        self._on_report(message.path, message.arguments)

    def _act(self, row: Address, value: Value | None, source: Endpoint) -> None:
        if row.path in ("/state/dump", "/alive"):
            self._subscribe(source)
            if row.path == "/state/dump":
                self._dump(source)
            return
        if row.path == "/phrase/next":
            self._to_renderer.offer(row.path)
            return
        if value is not None:
            changed = self.state.set(row, value)
            if source != self.renderer:  # its own word about itself needs no sending back
                self._forward(row, value)
            for path, new in changed.items():
                self._to_subscribers.offer(path, new)
            self._on_change()

    def _forward(self, row: Address, value: Value) -> None:
        limit = self._to_room if row.path in ROOM_PATHS else self._to_renderer
        limit.offer(row.path, value)

    # ----------------------------------------------------------------- out

    def show(self, path: str, *arguments: object) -> None:
        """Tell every subscriber what is new, now and (through `/state/dump`) later ones."""
        if self._shown.get(path) == arguments:
            return
        self._shown[path] = arguments
        if self._subscribers:
            self._to_subscribers.offer(path, *arguments)

    def report_error(self, path: str, what: str) -> None:
        """Something went wrong inside: everyone who looks should see it."""
        for who in self._subscribers:
            self.osc.send(who, "/error", path, what)

    def bring_room_up_to_date(self) -> None:
        for row in ROOM:
            self.osc.send(self.room, row.path, self.state.room[row.path])

    def bring_renderer_up_to_date(self) -> None:
        self.osc.send(self.renderer, "/mood/morph_s", self.state.morph_s)
        for row in SOUND:
            self.osc.send(self.renderer, row.path, self.state.sound[row.path])

    def tell_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.room, path, *arguments)

    def tell_spare_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.spare_room, path, *arguments)

    def _subscribe(self, source: Endpoint) -> None:
        if source not in self._subscribers and len(self._subscribers) >= MOST_SUBSCRIBERS:
            raise ControlError(f"{MOST_SUBSCRIBERS} listeners are subscribed already; try again when one has left")
        self._subscribers[source] = self._clock() + SUBSCRIPTION_S

    def _dump(self, target: Endpoint) -> None:
        self.osc.send(target, "/mood/list", *list_moods())
        for path, value in self.state.values.items():
            self.osc.send(target, path, value)
        for path, arguments in self._shown.items():
            self.osc.send(target, path, *arguments)

    def _send_to_subscribers(self, path: str, arguments: tuple[object, ...]) -> None:
        for who in self._subscribers:
            self.osc.send(who, path, *arguments)

    def _refuse(self, target: Endpoint, path: str, what: str) -> None:
        """Answer with what was wrong; only so many at a time, or a flood of nonsense would be answered with a flood."""
        if self._errors_left > 0:
            self._errors_left -= 1
            self.osc.send(target, "/error", path, what)

    def close(self) -> None:
        self.osc.close()


def _fits(types: str, arguments: tuple[object, ...]) -> bool:
    if types == "*":
        return True
    return len(types) == len(arguments) and all(
        isinstance(argument, str) if kind == "s" else isinstance(argument, int | float) and math.isfinite(argument)
        for kind, argument in zip(types, arguments, strict=True)
    )

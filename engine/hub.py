"""The OSC hub: the public face of the installation, and the switchboard between its processes.

Whatever arrives is checked against the table in `engine.addresses`. A valid value is stored, forwarded
to the process that acts on it and echoed to everyone who subscribed; anything else is answered with
`/error` and counted. Runs in the supervisor's thread: `step` does what is due and returns at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Final

from engine.addresses import MOOD_SLOTS, ROOM, SOUND, Address, Value, find
from engine.control_state import ROOM_PATHS, SOUND_PATHS, ControlState
from engine.desk import Change, Desk
from engine.errors import ControlError
from engine.gate import PRIVATE, Gate
from engine.inner_reports import METERS, fits, is_inner
from engine.mood_store import MoodStore
from engine.osc_port import LOOPBACK, BadPacket, Endpoint, Gathering, Message, OscPort, RateLimit
from engine.page_service import PageService
from engine.pages import PAGES
from engine.presence.presence import Presence
from engine.presence.settings import PresenceSettings
from engine.reel_format import STEMS
from engine.room import SPARE_PORT
from engine.room_settings import heard_stems

SUBSCRIPTION_S: Final = 15.0
MOST_SUBSCRIBERS: Final = 32
ERRORS_PER_STEP: Final = 20
MOST_PER_STEP: Final = 200
DUMP_AGAIN_S: Final = 0.2
"""A dump answers one message with some 250: not more often than this for each subscriber."""
PASSED_ON: Final = frozenset({"/room/meter", "/phrase/now", "/phrase/upcoming", "/keep/now"})

LOOK_AT_MOODS_S: Final = 0.7
MANY: Final = 8
"""From so many values at once on, they are echoed at `MANY_PER_S`."""
MANY_PER_S: Final = 5.0
PAGES_PER_S: Final = 10.0
LONGEST_TROUBLE: Final = 200

Report = Callable[[str, tuple[object, ...]], None]


class Hub:
    """`on_report(path, arguments)` is called for each report of another process, `on_change()` after each new value."""

    def __init__(
        self,
        state: ControlState,
        port: int,
        *,
        store: MoodStore | None = None,
        sensors: PresenceSettings | None = None,
        listen: bool = False,
        allowed: tuple[IPv4Network, ...] = PRIVATE,
        on_report: Report,
        on_change: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self.desk = Desk(state, store, clock)
        self.counts: Counter[str] = Counter()
        self.gate = Gate(allowed, clock)
        self.flooded_s = -1e9
        """When more had come than one step takes: what the processes report may be lost among it."""
        self.osc = OscPort("0.0.0.0" if listen else LOOPBACK, port, self.gate.admits)  # noqa: S104
        self.room: Endpoint = (LOOPBACK, self.osc.port + 1)
        self.renderer: Endpoint = (LOOPBACK, self.osc.port + 2)
        self.spare_room: Endpoint = (LOOPBACK, self.osc.port + SPARE_PORT)
        self._on_report, self._on_change, self._clock = on_report, on_change, clock
        self._subscribers: dict[Endpoint, float] = {}
        self._dumped_s: dict[Endpoint, float] = {}
        self._shown: dict[str, tuple[object, ...]] = {}
        self._to_room = RateLimit(lambda path, args: self.osc.send(self.room, path, *args), clock)
        self._to_renderer = Gathering(lambda messages: self.osc.send_bundle(self.renderer, messages), clock, ("/mood",))
        self._to_subscribers = RateLimit(self._send_to_subscribers, clock)
        self._many_to_subscribers = RateLimit(self._send_to_subscribers, clock, MANY_PER_S)
        self._pages = PageService(self.osc.send, lambda: self.state.values)
        self._to_pages = RateLimit(lambda path, args: self._pages.tell(path, args[0]), clock, PAGES_PER_S)  # type: ignore[arg-type]
        self.presence = Presence(sensors, clock())
        if sensors:
            self.show("/presence", str(self.presence))
        self._muted = self._mutes()
        self._look_due_s = 0.0
        self._compare_due = True
        self._errors_left = ERRORS_PER_STEP

    # ------------------------------------------------------------------ in

    def step(self) -> None:
        """Take what has arrived, send what is due, forget subscribers who fell silent."""
        self._errors_left = ERRORS_PER_STEP
        now_s = self._clock()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + LOOK_AT_MOODS_S
            self._look_at_moods()
        taken = 0
        for item in self.osc.received(MOST_PER_STEP):
            taken += 1
            self.counts["packets"] += 1
            if isinstance(item, BadPacket):
                self.counts["bad_packets"] += 1
                self._refuse(item.source, "", item.reason)
            else:
                self._take(item)
        self._follow_sensors(now_s)
        if self._compare_due:
            self._compare_due = False
            self.show("/mood/changed", 1.0 if self.desk.is_changed else 0.0)
        if taken >= MOST_PER_STEP:
            self.flooded_s = self._clock()
        for limit in self._limits:
            limit.flush()
        self._subscribers = {who: end_s for who, end_s in self._subscribers.items() if end_s > now_s}
        self._pages.keep(self._subscribers)

    @property
    def due_s(self) -> float:
        """How long the caller may sleep before `step` has something to send again."""
        return 0.02 if any(limit.waiting for limit in self._limits) else LOOK_AT_MOODS_S

    @property
    def _limits(self) -> tuple[RateLimit | Gathering, ...]:
        return self._to_room, self._to_renderer, self._to_subscribers, self._many_to_subscribers, self._to_pages

    def _take(self, message: Message) -> None:
        if is_inner(message.path) and message.source[0] == LOOPBACK:
            self._take_report(message)
            return
        try:
            if message.path.startswith("/sensor/"):
                self.presence.hear(message.path.removeprefix("/sensor/"), message.arguments, self._clock())
                return
            if message.path.startswith("/page"):
                find(message.path)
                asked = self._pages.take(message)
                if asked:
                    self._act(*asked, message.source)
                return
            row = find(message.path)
            self._act(row, row.parse(message.arguments), message.source)
        except ControlError as error:
            self.counts["refused"] += 1
            self._refuse(message.source, message.path, str(error))

    def _take_report(self, message: Message) -> None:
        if not fits(message.path, message.arguments):
            self.counts["bad_reports"] += 1
            return
        if message.path in PASSED_ON or message.path in METERS:
            self.show(message.path, *message.arguments)
        self._on_report(message.path, message.arguments)

    def _act(self, row: Address, value: Value | None, source: Endpoint) -> None:
        if row.path in ("/state/dump", "/alive"):
            self._subscribe(source)
            if row.path == "/state/dump" and self._clock() - self._dumped_s.get(source, -1e9) >= DUMP_AGAIN_S:
                self._dumped_s = {who: s for who, s in self._dumped_s.items() if who in self._subscribers}
                self._dumped_s[source] = self._clock()
                self._dump(source)
            return
        if row.path == "/phrase/next":
            self._to_renderer.offer(row.path)
            return
        if row.path == "/keep":
            self._on_report(row.path, (value,))
            return
        change = self.desk.act(row, value)
        if source != self.renderer:  # its own word about itself needs no sending back
            self._forward(change)
        self._echo(change)
        if row.path in ("/mood/store", "/mood/overwrite", "/mood/revert"):
            self._show_moods()

    def _look_at_moods(self) -> None:
        change, complaints = self.desk.look()
        self._forward(change)
        self._echo(change)
        for name, complaint in complaints:
            self._on_report("/error", (f"/mood/{name}", complaint))
        self._show_moods()

    # ---------------------------------------------------------- other hands

    def glide_to_mood(self, name: str, morph_s: float) -> None:
        """As `/mood` does, with a morph time of its own. Raises ControlError."""
        change = self.desk.choose(name, morph_s)
        self._forward(change)
        self._echo(change)

    def fade(self, silent: bool, fade_s: float) -> None:
        """As `/room/silent` does, with a time of its own, which leaves that of the surface as it is."""
        self.state.room["/room/silent"] = int(silent)
        self.osc.send(self.room, "/room/fade_s", fade_s)
        self.osc.send(self.room, "/room/silent", int(silent))
        self.osc.send(self.room, "/room/fade_s", self.state.room["/room/fade_s"])
        self._echo(Change({"/room/silent": int(silent)}))

    def _forward(self, change: Change) -> None:
        """Hand new values to those who act on them."""
        if change.glide_s is not None:
            self._to_renderer.offer("/renderer/glide_s", change.glide_s)
        if any(path.endswith(("/mute", "/solo")) for path in change.values):
            before, self._muted = self._muted, self._mutes()
            for path, value in self._muted.items():
                if before[path] != value:
                    self._to_room.offer(path, value)
        for path, value in change.values.items():
            self._pass_on(path, value)
        if change.begins_mood:
            for path, value in self.state.sound.items():
                self._pass_on(path, value)
            self._to_renderer.offer("/mood", self.state.mood)

    def _pass_on(self, path: str, value: Value) -> None:
        if path in ROOM_PATHS and not path.endswith(("/mute", "/solo")):
            self._to_room.offer(path, self.presence.moved(path, value))
        elif path in SOUND_PATHS or path == "/seed":
            self._to_renderer.offer(path, self.presence.moved(path, value))

    def _follow_sensors(self, now_s: float) -> None:
        moved = self.presence.step(now_s)
        for path in moved:
            self._pass_on(path, self.state.sound[path] if path in SOUND_PATHS else self.state.room[path])
        if moved:
            self.show("/presence", str(self.presence))

    def _echo(self, change: Change) -> None:
        """Tell every subscriber; whole moods at a pace that a surface can draw."""
        if not change.values:
            return
        limit, other = self._to_subscribers, self._many_to_subscribers
        if len(change.values) >= MANY:
            limit, other = other, limit
        for path, value in change.values.items():
            other.forget(path)
            limit.offer(path, value)
            self._to_pages.offer(path, value)
        self._compare_due = True
        self._on_change()

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

    def _show_moods(self) -> None:
        """What there is to choose from, and what is wrong with the rest."""
        store, names = self.desk.store, self.desk.store.names()
        self.show("/page/tabs", *PAGES)
        self.show("/mood/list", *names)
        for number in range(1, MOOD_SLOTS + 1):
            name = names[number - 1] if number <= len(names) else ""
            texts = (name, store.title(name), store.colour(name)) if name else ("none",) * 3
            self.show(f"/mood/slot_{number}", *texts)
        self.show("/mood/trouble", "; ".join(store.complaints.values()).replace("\n", "; ")[:LONGEST_TROUBLE])
        self._compare_due = True

    def _mutes(self) -> dict[str, Value]:
        """Mute of every stem as the room is to have it: solos are mutes of the others."""
        heard = heard_stems(self.state.room)
        return {f"/stem/{stem}/mute": 0 if stem in heard else 1 for stem in STEMS}

    def bring_room_up_to_date(self) -> None:
        values = self.presence.all_moved({**self.state.room, **self._mutes()})
        self.osc.send(self.room, "/room/fade_s", 0.2)  # a room that starts anew where it is to be silent is so at once
        self.osc.send(self.room, "/room/silent", values["/room/silent"])
        for row in ROOM:
            if not row.path.endswith(("/solo", "/silent")):
                self.osc.send(self.room, row.path, values[row.path])

    def bring_renderer_up_to_date(self) -> None:
        values = self.presence.all_moved(self.state.sound)
        self.osc.send_bundle(self.renderer, [(row.path, (values[row.path],)) for row in SOUND])

    def tell_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.room, path, *arguments)

    def tell_spare_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.spare_room, path, *arguments)

    def _subscribe(self, source: Endpoint) -> None:
        if source not in self._subscribers and len(self._subscribers) >= MOST_SUBSCRIBERS:
            raise ControlError(f"{MOST_SUBSCRIBERS} listeners are subscribed already; try again when one has left")
        self._subscribers[source] = self._clock() + SUBSCRIPTION_S

    def _dump(self, target: Endpoint) -> None:
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

"""The OSC hub: the public face of the installation, and the switchboard between its processes.

Whatever arrives is checked against the table in `engine.parameters.addresses`. A valid value is stored, forwarded
to the process that acts on it and echoed to everyone who subscribed; anything else is answered with
`/error` and counted. Runs in the supervisor's thread: `step` does what is due and returns at once.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network
from pathlib import Path
from typing import Final

from engine.errors import ControlError
from engine.hub.access import PRIVATE, Access
from engine.hub.actions import Actions, Change
from engine.hub.midi.actions import MidiActions
from engine.hub.midi.visits import Visits
from engine.hub.oscquery.server import OscQueryServer
from engine.hub.oscquery.tree import Namespace
from engine.hub.page_service import PageService
from engine.hub.pages import PAGES
from engine.hub.presence.presence import Presence
from engine.hub.presence.sensors_file import SensorsFile
from engine.hub.routing import Routing
from engine.hub.sessions.actions import SessionActions
from engine.hub.state import ControlState
from engine.hub.subscribers import Subscribers
from engine.music.phrases.store import phrase_to_json
from engine.osc.messages import SHOWN, Order, Report, fits, is_report
from engine.osc.patterns import is_pattern, matching
from engine.osc.port import LOOPBACK, BadPacket, Endpoint, Message, OscPort, RateLimit
from engine.parameters.address import Address, Value
from engine.parameters.addresses import MOOD_SLOTS, TABLE, find
from engine.parameters.mood_store import MoodStore

MOST_PER_STEP: Final = 200
MOST_MATCHES_PER_STEP: Final = 500
"""Addresses that patterns of OSC may reach between two looks at anything else."""

LOOK_AT_MOODS_S: Final = 0.7
PAGES_PER_S: Final = 10.0
LONGEST_TROUBLE: Final = 200

OnReport = Callable[[str, tuple[object, ...]], None]


class Hub:
    """`on_report(path, arguments)` is called for each report of another process, `on_change()` after each new value.

    `kept` is the folder for what belongs to the installation rather than to a mood.
    """

    def __init__(
        self,
        state: ControlState,
        port: int,
        *,
        store: MoodStore | None = None,
        sensors: Path | None = None,
        kept: Path | None = None,
        listen: bool = False,
        allowed: tuple[IPv4Network, ...] = PRIVATE,
        on_report: OnReport,
        on_change: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = state
        self.desk = Actions(state, store, clock)
        self.counts: Counter[str] = Counter()
        self.gate = Access(allowed, clock)
        self.flooded_s = -1e9
        """When more had come than one step takes: what the processes report may be lost among it."""
        self.osc = OscPort("0.0.0.0" if listen else LOOPBACK, port, self.gate.admits)  # noqa: S104
        self.presence = Presence(now_s=clock())
        self._sensors = SensorsFile(sensors) if sensors else None
        self.audience = Subscribers(self.osc, clock)
        self.outlets = Routing(self.osc, state, self.presence, clock)
        self.show, self.report_error = self.audience.show, self.audience.report_error
        self._on_report, self._on_change, self._clock = on_report, on_change, clock
        self._pages = PageService(self.osc.send, lambda: self.state.values)
        self._to_pages = RateLimit(lambda path, args: self._pages.tell(path, args[0]), clock, PAGES_PER_S)  # type: ignore[arg-type]
        self._sessions = SessionActions(kept, clock)
        self._visits = Visits(lambda: str(self.state.sound["/performer/visitors"]), clock)
        self._midi = MidiActions(kept, lambda: self.state.values, clock)
        self._look_at_sensors()
        self._listen = listen
        self._server: OscQueryServer | None = None
        self._look_due_s = 0.0
        self._compare_due = True
        self._matches_left = MOST_MATCHES_PER_STEP

    # ------------------------------------------------------------------ in

    def step(self) -> None:
        """Take what has arrived, send what is due, forget subscribers who fell silent."""
        self.audience.begin_step()
        self._matches_left = MOST_MATCHES_PER_STEP
        now_s = self._clock()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + LOOK_AT_MOODS_S
            self._look_at_moods()
            self._look_at_sensors()
        taken, shouted = 0, self.gate.too_many
        for item in self.osc.received(MOST_PER_STEP):
            taken += 1
            self.counts["packets"] += 1
            if isinstance(item, BadPacket):
                self.counts["bad_packets"] += 1
                self.audience.refuse(item.source, "", item.reason)
            else:
                self._take(item)
        self._step_midi()
        self._step_sessions()
        if self.outlets.follow_sensors(now_s):
            self.show("/presence", str(self.presence))
        if self._compare_due:
            self._compare_due = False
            self.show("/mood/changed", 1.0 if self.desk.is_changed else 0.0)
        if taken >= MOST_PER_STEP or self.gate.too_many > shouted:
            self.flooded_s = self._clock()
        self.outlets.flush()
        self.audience.flush()
        self._to_pages.flush()
        self._pages.keep(self.audience.subscribers)

    @property
    def due_s(self) -> float:
        """How long the caller may sleep before `step` has something to send again."""
        waiting = self.outlets.waiting or self.audience.waiting or self._to_pages.waiting
        return min(0.02 if waiting else LOOK_AT_MOODS_S, self._sessions.due_s, self.osc.due_s)

    def _take(self, message: Message) -> None:
        if is_report(message.path) and message.source[0] == LOOPBACK:
            self._take_report(message)
            return
        try:
            if is_pattern(message.path):
                self._take_all(message)
                return
            if message.path.startswith("/sensor/"):
                self.presence.hear(message.path.removeprefix("/sensor/"), message.arguments, self._clock())
                return
            row = find(message.path)
            if row.is_release(message.arguments):
                return
            if message.path.startswith("/midi"):
                self._visits.take(message)
                for row, value in self._midi.take(message):
                    self._act(row, value, message.source)
                return
            if message.path.startswith("/session"):
                self._sessions.take(message)
                return
            asked = (
                self._pages.take(message) if message.path.startswith("/page") else (row, row.parse(message.arguments))
            )
            if asked:
                self._act(*asked, message.source)
                self._midi.touched(asked[0].path)
        except ControlError as error:
            self.counts["refused"] += 1
            self.audience.refuse(message.source, message.path, str(error))

    def _take_all(self, message: Message) -> None:
        """A message for every address that its pattern matches and that can be set; so many at a time, for a flood of
        them is a flood of many times its size."""
        paths = matching(message.path, (path for path, row in TABLE.items() if row.kind != "report"))
        if len(paths) > self._matches_left:
            raise ControlError(f"{message.path} comes with too many others at once")
        self._matches_left -= len(paths)
        for path in paths:
            self._take(replace(message, path=path))

    def _take_report(self, message: Message) -> None:
        if not fits(message.path, message.arguments):
            self.counts["bad_reports"] += 1
            return
        if message.path in SHOWN:
            self.show(message.path, *message.arguments)
        if message.path == Report.PHRASE_NOW:
            self._visits.phrase_begins(str(message.arguments[0]))
        self._on_report(message.path, message.arguments)

    def _act(self, row: Address, value: Value | None, source: Endpoint) -> None:
        if row.path in ("/state/dump", "/alive"):
            self.audience.subscribe(source)
            if row.path == "/state/dump":
                self.audience.dump(source, self.state.values)
            else:  # a surface that hears nothing new for hours can tell silence from death
                self.osc.send(source, row.path)
            return
        if row.path == "/phrase/next":
            self.outlets.to_renderer.offer(row.path)
            self._sessions.pressed(row.path)
            return
        if row.path == "/keep":
            self._on_report(row.path, (value,))
            return
        change = self.desk.act(row, value)
        self._sessions.changed(row.path, change)
        if source != self.outlets.renderer:  # its own word about itself needs no sending back
            self.outlets.forward(change)
        self._echo(change)
        if row.path in ("/mood/store", "/mood/overwrite", "/mood/revert"):
            self._show_moods()

    def _look_at_moods(self) -> None:
        change, complaints = self.desk.look()
        self._make(change)
        for name, complaint in complaints:
            self._on_report(Report.ERROR, (f"/mood/{name}", complaint))
        self._show_moods()

    def _look_at_sensors(self) -> None:
        """Take in the file of sensors as it is now; what was shown moved meanwhile goes where the new one says."""
        settings, complaint = self._sensors.look() if self._sensors else (None, "")
        if complaint:
            self._on_report(Report.ERROR, ("/sensor", complaint))
        if settings:
            self.outlets.pass_on_again(self.presence.adopt(settings, self._clock()))
            self.show("/presence", str(self.presence))

    def _step_midi(self) -> None:
        for what in self._midi.step():
            self._on_report(Report.ERROR, ("/midi", what))
        for path, arguments in self._midi.reports():
            self.show(path, *arguments)
        if phrase := self._visits.step():
            self.osc.send(self.outlets.renderer, Order.VISITOR, json.dumps(phrase_to_json(phrase)))
        self.show("/visitor/now", str(self._visits))

    def _step_sessions(self) -> None:
        try:
            for moment in self._sessions.due():
                if moment.press:
                    self.outlets.to_renderer.offer(moment.press)
                else:
                    self._make(self.desk.replay(moment.values, moment.glide_s, begins_mood=moment.begins_mood))
        except ControlError as problem:
            self._on_report(Report.ERROR, ("/session", str(problem)))
        for path, arguments in self._sessions.reports():
            self.show(path, *arguments)

    # ---------------------------------------------------------- other hands

    def glide_to_mood(self, name: str, morph_s: float) -> None:
        """As `/mood` does, with a morph time of its own. Raises ControlError."""
        self._make(self.desk.choose(name, morph_s))

    def fade(self, silent: bool, fade_s: float) -> None:
        """As `/room/silent` does, with a time of its own, which leaves that of the surface as it is."""
        self.state.room["/room/silent"] = int(silent)
        self.outlets.fade(silent, fade_s)
        self._echo(Change({"/room/silent": int(silent)}))

    def _make(self, change: Change) -> None:
        self.outlets.forward(change)
        self._echo(change)

    def _echo(self, change: Change) -> None:
        """Tell everybody who looks what is different."""
        if not change.values:
            return
        self.audience.echo(change.values)
        for path, value in change.values.items():
            self._to_pages.offer(path, value)
        self._compare_due = True
        self._on_change()

    # ----------------------------------------------------------------- out

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

    def serve_namespace(self) -> str:
        """Let programs ask what there is to control, in threads of their own; why that cannot be, empty when it can."""
        namespace = Namespace(self.osc.port, lambda: self.state.values, lambda: dict(self.audience.shown))
        try:
            self._server = OscQueryServer(self.osc.port, namespace, listen=self._listen, allowed=self.gate.allowed)
        except OSError as error:
            return f"no OSCQuery on TCP port {self.osc.port}: {error.strerror}"
        return ""

    def bring_room_up_to_date(self) -> None:
        self.outlets.bring_room_up_to_date()

    def bring_renderer_up_to_date(self) -> None:
        self.outlets.bring_renderer_up_to_date()

    def tell_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.outlets.room, path, *arguments)

    def tell_spare_room(self, path: str, *arguments: object) -> None:
        self.osc.send(self.outlets.spare_room, path, *arguments)

    def close(self) -> None:
        if self._server:
            self._server.close()
        try:
            self._sessions.stop()
        except ControlError as problem:
            self._on_report(Report.ERROR, ("/session", str(problem)))
        self.osc.close()

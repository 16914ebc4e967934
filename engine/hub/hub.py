"""The OSC hub: the public face of the installation, and the switchboard between its processes.

Whatever arrives is checked against the table in `engine.parameters.addresses`. A valid value is stored, forwarded
to the process that acts on it and echoed to everyone who subscribed; anything else is answered with
`/error` and counted. `step` does what is due and returns at once; `engine.hub.hub_process` calls it.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.errors import ControlError
from engine.files.excerpt_requests import ExcerptRequests
from engine.hub.access import Access
from engine.hub.actions import Actions, Change
from engine.hub.midi.actions import MidiActions
from engine.hub.midi.held_keys import HARMONY, HeldKeys
from engine.hub.midi.visits import Visits
from engine.hub.page_service import PageService
from engine.hub.pages import PAGES
from engine.hub.presence.presence import Presence
from engine.hub.presence.sensors_file import SensorsFile
from engine.hub.routing import Routing
from engine.hub.sessions.actions import SessionActions
from engine.hub.state import ControlState
from engine.hub.subscribers import Subscribers
from engine.hub.targets import Targets
from engine.music.notes import Phrase
from engine.osc.dispatcher import Dispatcher
from engine.osc.messages import SHOWN, Order, Report, is_report
from engine.osc.patterns import is_pattern, matching
from engine.osc.port import LOOPBACK, BadPacket, Endpoint, Message, OscPort, RateLimit
from engine.parameters.address import Address, Value
from engine.parameters.addresses import MOOD_SLOTS, TABLE, find
from engine.parameters.mood_store import MoodStore

SENSOR: Final = "/sensor/"
MOST_PER_STEP: Final = 200
MOST_MATCHES_PER_STEP: Final = 500
"""Addresses that patterns of OSC may reach between two looks at anything else."""

LOOK_AT_MOODS_S: Final = 0.7
PAGES_PER_S: Final = 10.0
LONGEST_TROUBLE: Final = 200

log = logging.getLogger(__name__)


class Hub:
    """`changes` counts new values; reports of other processes go to those who subscribe to `reports`.

    `kept` is the folder for what belongs to the installation rather than to a mood.
    """

    def __init__(
        self,
        state: ControlState,
        osc: OscPort,
        *,
        access: Access | None = None,
        store: MoodStore | None = None,
        sensors: Path | None = None,
        kept: Path | None = None,
        session_scratch: Path | None = None,
        excerpt_requests: ExcerptRequests | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`osc` asks `access` for each sender. `session_scratch` is the file of a session while it is recorded.

        Without `excerpt_requests` nothing of what was heard can be kept.
        """
        self.state, self.osc = state, osc
        self.access = access or Access(clock=clock)
        self.actions = Actions(state, store, clock)
        self.counts: Counter[str] = Counter()
        self.changes = 0
        self.presence = Presence(now_s=clock())
        self._sensors = SensorsFile(sensors) if sensors else None
        self.subscribers = Subscribers(osc, clock)
        self.targets = Targets(self.subscribers, self.access, self._tell_everything, kept, clock)
        self.routing = Routing(osc, state, self.presence, clock)
        self.show = self.subscribers.show
        self._excerpt_requests, self._clock = excerpt_requests, clock
        self.pages = PageService(osc.send, lambda: self.state.values)
        self._to_pages = RateLimit(lambda path, args: self.pages.tell(path, args[0]), clock, PAGES_PER_S)  # type: ignore[arg-type]
        self.sessions = SessionActions(kept, clock, session_scratch)
        self._visits = Visits(lambda: str(self.state.sound["/performer/visitors"]), clock)
        self._held_keys = HeldKeys(lambda: str(self.state.sound["/performer/visitors"]), clock)
        self.midi = MidiActions(kept, lambda: self.state.values, clock)
        self.reports = Dispatcher()
        self._subscribe_to_reports()
        self._look_at_sensors()
        self._look_due_s = 0.0
        self._compare_due = True
        self._matches_left = MOST_MATCHES_PER_STEP

    def _subscribe_to_reports(self) -> None:
        """What the other processes say, as far as it concerns those outside, the room and the renderer."""
        on, show = self.reports.subscribe, self.show
        on(lambda path, arguments, _: show(path, *arguments), *SHOWN)
        on(lambda _, arguments, __: show("/reel/lead", float(str(arguments[0]))), Report.RENDERER_LEAD)
        on(lambda _, arguments, __: show("/reel/late", float(str(arguments[0]))), Report.LATE)
        on(lambda _, arguments, __: show(f"/lamp/{arguments[0]}", arguments[1]), Report.LAMP)
        on(lambda _, arguments, __: self._visits.phrase_begins(str(arguments[0])), Report.PHRASE_NOW)
        on(lambda *_: self.routing.bring_room_up_to_date(), Report.ROOM_HELLO)
        on(lambda *_: self.routing.bring_renderer_up_to_date(), Report.RENDERER_HELLO)
        on(self._show_trouble, Report.TROUBLE)

    def _show_trouble(self, _path: str, arguments: tuple[object, ...], _now_s: float) -> None:
        where, what = map(str, arguments)
        if where:
            self.subscribers.report_error(where, what)

    # ------------------------------------------------------------------ in

    def step(self) -> None:
        """Take what has arrived, send what is due, forget subscribers who fell silent."""
        self.subscribers.begin_step()
        self._matches_left = MOST_MATCHES_PER_STEP
        now_s = self._clock()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + LOOK_AT_MOODS_S
            self._look_at_moods()
            self._look_at_sensors()
        if complaint := self.targets.step():
            log.warning("%s", complaint, extra={"where": "/subscribe"})
        for item in self.osc.received(MOST_PER_STEP):
            self.counts["packets"] += 1
            if isinstance(item, BadPacket):
                self.counts["bad_packets"] += 1
                self.subscribers.refuse(item.source, "", item.reason)
            else:
                self._take(item)
        self._step_midi()
        self._step_sessions()
        if self.routing.follow_sensors(now_s):
            self.show("/presence", str(self.presence))
        if self._compare_due:
            self._compare_due = False
            self.show("/mood/changed", 1.0 if self.actions.is_changed else 0.0)
        self.routing.flush()
        self.subscribers.flush()
        self._to_pages.flush()
        self.pages.keep(self.subscribers.subscribers)

    @property
    def due_s(self) -> float:
        """How long the caller may sleep before `step` has something to send again."""
        waiting = self.routing.waiting or self.subscribers.waiting or self._to_pages.waiting or self._held_keys.waits
        return min(0.02 if waiting else LOOK_AT_MOODS_S, self.sessions.due_s, self.osc.due_s)

    def _tell_everything(self, who: Endpoint) -> None:
        self.subscribers.dump(who, self.state.values)

    def _take(self, message: Message) -> None:
        if is_report(message.path) and message.source[0] == LOOPBACK:
            self.reports.dispatch(message.path, message.arguments, self._clock())
            return
        try:
            if is_pattern(message.path):
                self._take_all(message)
                return
            if message.path.startswith(SENSOR):
                self.presence.hear(message.path.removeprefix(SENSOR), message.arguments, self._clock())
                return
            row = find(message.path)
            self.targets.heard_from(message.source[0])
            if row.is_release(message.arguments):
                return
            if message.path == HARMONY:
                self._held_keys.take(message)
                return
            if message.path.startswith("/midi"):
                self._visits.take(message)
                self._held_keys.take(message)
                for row, value in self.midi.take(message):
                    self._act(row, value, message.source)
                return
            if message.path in ("/subscribe", "/unsubscribe"):
                self.targets.take(message)
                return
            if message.path.startswith("/session"):
                self.sessions.take(message)
                return
            asked = (
                self.pages.take(message) if message.path.startswith("/page") else (row, row.parse(message.arguments))
            )
            if asked:
                self._act(*asked, message.source)
                self.midi.touched(asked[0].path)
        except ControlError as error:
            self.counts["refused"] += 1
            self.subscribers.refuse(message.source, message.path, str(error))

    def _take_all(self, message: Message) -> None:
        """A message for every address that its pattern matches and that can be set, sensors among them; so many at a
        time, for a flood of them is a flood of many times its size."""
        settable = [path for path, row in TABLE.items() if row.kind != "report"]
        paths = matching(message.path, [*settable, *(f"{SENSOR}{name}" for name in self.presence.levels)])
        if len(paths) > self._matches_left:
            raise ControlError(f"{message.path} comes with too many others at once")
        self._matches_left -= len(paths)
        for path in paths:
            self._take(replace(message, path=path))

    def _act(self, row: Address, value: Value | None, source: Endpoint) -> None:
        if row.path in ("/state/dump", "/alive"):
            self.subscribers.subscribe(source)
            if row.path == "/state/dump":
                self._tell_everything(source)
            else:  # a surface that hears nothing new for hours can tell silence from death
                self.osc.send(source, row.path)
            return
        if row.path == "/phrase/next":
            self.routing.to_renderer.offer(row.path)
            self.sessions.pressed(row.path)
            return
        if row.path == "/keep":
            self._keep(float(value or 0))
            return
        change = self.actions.act(row, value)
        self.sessions.changed(row.path, change)
        if source != self.routing.renderer:  # its own word about itself needs no sending back
            self.routing.forward(change)
        self._echo(change)
        if row.path in ("/mood/store", "/mood/overwrite", "/mood/revert"):
            self._show_moods()

    def _keep(self, minutes: float) -> None:
        """Have the archivist keep what was heard. Raises ControlError."""
        if self._excerpt_requests is None:
            raise ControlError("/keep: nothing is at hand: it was started with --ring-minutes 0")
        if why_not := self._excerpt_requests.ask(minutes, time.time()):
            raise ControlError(f"/keep: {why_not}")

    def _look_at_moods(self) -> None:
        change, complaints = self.actions.look()
        self._make(change)
        for name, complaint in complaints:
            log.warning("%s", complaint, extra={"where": f"/mood/{name}"})
        self._show_moods()

    def _look_at_sensors(self) -> None:
        """Take in the file of sensors as it is now; what was shown moved meanwhile goes where the new one says."""
        settings, complaint = self._sensors.look() if self._sensors else (None, "")
        if complaint:
            log.warning("%s", complaint, extra={"where": "/sensor"})
        if settings:
            self.routing.pass_on_again(self.presence.adopt(settings, self._clock()))
            self.show("/presence", str(self.presence))

    def _step_midi(self) -> None:
        for what in self.midi.step():
            log.warning("%s", what, extra={"where": "/midi"})
        for path, arguments in self.midi.reports():
            self.show(path, *arguments)
        if phrase := self._visits.step():
            self._hand_on(phrase)
        self.show("/visitor/now", str(self._visits))
        if (chord := self._held_keys.step()) is not None:
            self.osc.send(self.routing.renderer, Order.CHORD, *chord)
        self.show("/harmony/now", str(self._held_keys))

    def _hand_on(self, phrase: Phrase) -> None:
        """What a visitor played goes to the renderer."""
        from engine.music.phrases.store import phrase_to_json  # brings numpy along, and a hub is to be back at once

        self.osc.send(self.routing.renderer, Order.VISITOR, json.dumps(phrase_to_json(phrase)))

    def _step_sessions(self) -> None:
        try:
            for moment in self.sessions.due():
                if moment.press:
                    self.routing.to_renderer.offer(moment.press)
                else:
                    self._make(self.actions.replay(moment.values, moment.glide_s, begins_mood=moment.begins_mood))
        except ControlError as problem:
            log.warning("%s", problem, extra={"where": "/session"})
        for path, arguments in self.sessions.reports():
            self.show(path, *arguments)

    # ---------------------------------------------------------- other hands

    def glide_to_mood(self, name: str, morph_s: float) -> None:
        """As `/mood` does, with a morph time of its own. Raises ControlError."""
        self._make(self.actions.choose(name, morph_s))

    def fade(self, silent: bool, fade_s: float) -> None:
        """As `/room/silent` does, with a time of its own, which leaves that of the surface as it is."""
        self.state.room["/room/silent"] = int(silent)
        self.routing.fade(silent, fade_s)
        self._echo(Change({"/room/silent": int(silent)}))

    def _make(self, change: Change) -> None:
        self.routing.forward(change)
        self._echo(change)

    def _echo(self, change: Change) -> None:
        """Tell everybody who looks what is different."""
        if not change.values:
            return
        self.subscribers.echo(change.values)
        for path, value in change.values.items():
            self._to_pages.offer(path, value)
        self._compare_due = True
        self.changes += 1

    # ----------------------------------------------------------------- out

    def _show_moods(self) -> None:
        """What there is to choose from, and what is wrong with the rest."""
        store, names = self.actions.store, self.actions.store.names()
        self.show("/page/tabs", *PAGES)
        self.show("/mood/list", *names)
        for number in range(1, MOOD_SLOTS + 1):
            name = names[number - 1] if number <= len(names) else ""
            texts = (name, store.title(name), store.colour(name)) if name else ("none",) * 3
            self.show(f"/mood/slot_{number}", *texts)
        self.show("/mood/trouble", "; ".join(store.complaints.values()).replace("\n", "; ")[:LONGEST_TROUBLE])
        self._compare_due = True

    def close(self) -> None:
        try:
            self.sessions.stop()
        except ControlError as problem:
            log.warning("%s", problem, extra={"where": "/session"})
        self.osc.close()

"""What the renderer is told to do: values, moods, chords, visitors' playing, phrases, seeds.

The studio does it, and the journal notes it down with the frame from which it holds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from engine.errors import AmeublementError
from engine.music.conductor.conductor import Conductor
from engine.music.phrases.store import phrase_from_json
from engine.osc.messages import Order
from engine.osc.port import Message
from engine.parameters.addresses import SOUND, find, set_value
from engine.parameters.sound import Mood, SoundSettings
from engine.renderer.engine_journal import EngineJournal
from engine.renderer.played_elsewhere import level_addresses, without_played_elsewhere
from engine.renderer.reports import RendererReports
from engine.renderer.start import Start, number
from engine.renderer.studio import HAND_GLIDE_S, Studio

STEERED_S: Final = 60.0
"""So long after the last chord was held, reels are rendered as late as for one to come."""

_SOUND_PATHS: Final = frozenset(row.path for row in SOUND)


class RendererOrders:
    """Takes messages one by one; the values among them are collected, so that a hundred at once cost little.

    `conductor` makes a new one for a seed, a mood and values. `settings` are those that were asked for last.
    """

    def __init__(
        self,
        studio: Studio,
        start: Start,
        journal: EngineJournal,
        reports: RendererReports,
        conductor: Callable[[int, Mood, SoundSettings], Conductor],
    ) -> None:
        self._studio, self._journal, self._reports = studio, journal, reports
        self._mood, self.settings = start.mood, start.settings
        self._conductor = conductor
        self._instruments: frozenset[str] = frozenset()
        """What voices name as their MIDI port, as far as it is there."""
        self._values: dict[str, Any] = {}
        self._glide_s: float | None = None
        self._steered_until_s = 0.0
        self._orders: Mapping[str, Callable[[Message], None]] = {
            "/phrase/next": self._hear_next,
            "/seed": self._hear_seed,
            Order.VISITOR: self._hear_visitor,
            Order.CHORD: self._hear_chord,
            Order.INSTRUMENTS: self._hear_instruments,
        }

    @property
    def is_steered(self) -> bool:
        """Whether somebody steers the harmony, or may at any moment."""
        return self.settings.performer.visitors == "chords" or time.monotonic() < self._steered_until_s

    def take(self, message: Message) -> None:
        """Collect the value that it sets; or do what it says, once what was collected holds.

        Raises an `AmeublementError` or pydantic's `ValidationError` where it cannot be used.
        """
        if message.path in _SOUND_PATHS:
            self._values[message.path] = find(message.path).parse(message.arguments)
        elif message.path == Order.GLIDE_S:
            self._glide_s = number(message.arguments[0] if message.arguments else None, 0.0)
        elif message.path == "/mood":  # comes after the values it belongs to
            self._begin_mood(message)
        else:
            self._apply_collected()
            order = self._orders.get(message.path)
            if order is None:
                find(message.path)  # complains, with the nearest address there is
            else:
                order(message)

    def finish(self) -> None:
        """No more has come for now: what was collected holds."""
        self._apply_collected()
        self._glide_s = None

    def next_phrase(self, within_s: float = 0.0) -> None:
        """Another phrase, within so many seconds; 0: as soon as may be."""
        self._studio.next_phrase(within_s)
        self._journal.next_phrase(self._studio.frame, within_s)

    # ---------------------------------------------------------------- values

    def _begin_mood(self, message: Message) -> None:
        """The hub has read the mood and sent its values; here it is only their name."""
        name = str(message.arguments[0]) if message.arguments else ""
        values, self._values = self._values, {}
        settings, glide_s = self._with(values), self._glide_s or 0.0
        mood = Mood(title=Path(name).stem[:40] or "mood", **settings.model_dump())
        heard = without_played_elsewhere(mood, self._instruments)
        self._studio.change_mood(heard, glide_s)
        self._mood, self.settings = mood, settings
        self._journal.mood(self._studio.frame, heard, glide_s)

    def _apply_collected(self) -> None:
        """Set all at once, or, where one of them cannot be used, all the others."""
        values, self._values = self._values, {}
        if not values:
            return
        try:
            self._change(values)
        except (AmeublementError, ValidationError):
            for path, value in values.items():
                self._change_one(path, value)

    def _change_one(self, path: str, value: object) -> None:
        try:
            self._change({path: value})
        except (AmeublementError, ValidationError) as problem:
            self._reports.error(path, str(problem))

    def _change(self, values: Mapping[str, Any]) -> None:
        settings = self._with(values)
        if settings != self.settings:
            self._take_settings(settings, values, HAND_GLIDE_S if self._glide_s is None else self._glide_s)

    def _take_settings(self, settings: SoundSettings, values: Mapping[str, Any], glide_s: float) -> None:
        """They are new, by `values`; what instruments play in place of the voices is not heard.

        Where the studio refuses them, those of before hold.
        """
        heard = without_played_elsewhere(settings, self._instruments)
        levels = level_addresses(self._studio.settings, heard)
        self._studio.change_settings(heard, glide_s)
        self.settings = settings
        self._journal.set(self._studio.frame, {**values, **levels}, glide_s)

    def _with(self, values: Mapping[str, Any]) -> SoundSettings:
        settings = self.settings.model_copy(deep=True)
        for path, value in values.items():
            set_value(settings, path, value)
        return settings

    # ---------------------------------------------------------------- orders

    def _hear_next(self, message: Message) -> None:
        find(message.path).parse(message.arguments)
        self.next_phrase()

    def _hear_seed(self, message: Message) -> None:
        seed = int(find(message.path).parse(message.arguments) or 0)
        self._studio.change_conductor(self._conductor(seed, self._mood, self.settings))
        self._journal.seed(self._studio.frame, seed)

    def _hear_visitor(self, message: Message) -> None:
        """Somebody's playing, as the hub has gathered it: `phrase_to_json` as a text."""
        try:
            phrase = phrase_from_json(json.loads(str(message.arguments[0])))
        except (IndexError, KeyError, TypeError, ValueError) as problem:
            self._reports.error(message.path, f"not a phrase: {problem}")
            return
        self._studio.conductor.continue_from(phrase)

    def _hear_chord(self, message: Message) -> None:
        """Keys that are held, from the hub, which has looked at them."""
        keys = sorted(int(key) for key in message.arguments if isinstance(key, int | float))
        self._steered_until_s = time.monotonic() + STEERED_S
        self._studio.steer(keys)
        self._journal.chord(self._studio.frame, keys)

    def _hear_instruments(self, message: Message) -> None:
        """Which MIDI ports are there has changed, and with it which voices sound here."""
        try:
            there = frozenset(map(str, json.loads(str(message.arguments[0]))))
        except (IndexError, TypeError, ValueError) as problem:
            self._reports.error(message.path, f"not a list: {problem}")
            return
        if there != self._instruments:
            self._instruments = there
            self._take_settings(self.settings, {}, HAND_GLIDE_S)

"""What hands do at the controls: set values, choose and blend moods, keep them, compare, and take back.

It knows the rules, not the wires: every action returns what has changed, and `hub.hub` tells those it concerns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.errors import ControlError, MoodError
from engine.hub.state import ControlState
from engine.hub.undo import Undo
from engine.parameters.address import Address, Value
from engine.parameters.addresses import TABLE, settings_from_values, values_of
from engine.parameters.blending import blend, corner_weights
from engine.parameters.mood_store import MoodStore, check_name
from engine.parameters.sound import Mood

PAD_GLIDE_S: Final = 1.0
"""The sound follows a point moved on the pad within about this time."""
COMPARE_GLIDE_S: Final = 0.4
UNDO_GLIDE_S: Final = 0.4
NO_MOOD: Final = "none"
CORNERS: Final = ("/pad/corner_1", "/pad/corner_2", "/pad/corner_3", "/pad/corner_4")


@dataclass(frozen=True, slots=True)
class Change:
    """New values by address, and how the sound gets there."""

    values: Mapping[str, Value] = field(default_factory=dict)
    glide_s: float | None = None
    """None: at once, as a hand on a fader expects it."""
    begins_mood: bool = False
    """The notes change as well: at the next good place to end a phrase, within the glide."""


class Actions:
    """All that can be done to a `ControlState` from outside; an action that raises has changed nothing."""

    def __init__(
        self, state: ControlState, store: MoodStore | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.state = state
        self.store = store or MoodStore()
        self._clock = clock
        self.undo = Undo()
        self._shaped: dict[str, Value] = {}
        """While the stored mood is listened to: what it is compared with."""
        state.compare = False  # a hub that follows another knows nothing of what was compared
        self._actions: dict[str, Callable[[Value | None], Change]] = {
            "/mood": lambda value: self.choose(str(value), self.state.morph_s),
            "/mood/store": lambda value: self._keep(str(value), overwrite=False),
            "/mood/overwrite": lambda value: self._keep(str(value), overwrite=True),
            "/mood/revert": lambda value: self._revert(str(value)),
            "/mood/compare": lambda value: self._compare(bool(value)),
            "/undo": lambda _value: self._undo(),
            "/pad/x": lambda value: self._blend("/pad/x", float(value or 0)),
            "/pad/y": lambda value: self._blend("/pad/y", float(value or 0)),
        }

    def act(self, row: Address, value: Value | None) -> Change:
        """Do what a message asks for; `value` is what `row.parse` let through. Raises ControlError."""
        action = self._actions.get(row.path)
        try:
            if action is not None:
                return action(value)
            if row.path in CORNERS and value != NO_MOOD:
                self.store.load(str(value))
        except MoodError as problem:
            raise ControlError(str(problem)) from None
        return self._set(row, value)

    def choose(self, name: str, morph_s: float) -> Change:
        """Glide to a mood as it is stored. Raises ControlError."""
        try:
            sound = dict(self.store.values(name))
        except MoodError as problem:
            raise ControlError(f"/mood stays {self.state.mood}: {problem}") from None
        before = self._remember("/mood")
        self._end_comparison("/mood")
        self.state.mood, self.state.sound = name, sound
        return self._since(before, morph_s, begins_mood=True, also="/mood")

    def replay(self, values: Mapping[str, Value], glide_s: float | None, *, begins_mood: bool) -> Change:
        """Set values as a recorded session has them; that is no hand's doing, and nothing to take back."""
        before = self.state.values
        self._end_comparison("")
        for path, value in values.items():
            if path == "/mood":
                self.state.mood = str(value)
            elif path != "/mood/compare":
                self.state.set(TABLE[path], value)
        return replace(self._since(before, glide_s, begins_mood=begins_mood), values=dict(values))

    def look(self) -> tuple[Change, list[tuple[str, str]]]:
        """Take in mood files edited by hand: what changes in the room, and (name, complaint) of those now broken.

        Of the mood that plays, only what the edit changed is taken, so that what hands have set meanwhile stays.
        """
        change, complaints = Change(), []
        for edit in self.store.look():
            if edit.complaint:
                complaints.append((edit.name, edit.complaint))
            elif edit.mood and edit.before and edit.name == self.state.mood:
                before = values_of(edit.before)
                edited = {path: v for path, v in values_of(edit.mood).items() if before[path] != v}
                self._remember("file")
                self.state.sound |= edited
                change = Change(edited, self.state.morph_s)
        return change, complaints

    @property
    def is_changed(self) -> bool:
        """Whether what is set differs from the mood as it is stored."""
        try:
            stored = self.store.values(self.state.mood)
        except MoodError:
            return True
        return (self._shaped or self.state.sound) != stored

    def _set(self, row: Address, value: Value | None) -> Change:
        before = self.state.values
        self.state.set(row, value if value is not None else 0)
        self.undo.note(row.path, before, self._clock())
        self._end_comparison(row.path)
        return self._since(before, also=row.path)

    def _keep(self, name: str, *, overwrite: bool) -> Change:
        """Write the mood that is shaped, also where the stored one sounds at the moment for comparison."""
        check_name(name)
        settings = settings_from_values(self._shaped or self.state.sound)
        mood = Mood(**self._heading(name), **settings.model_dump())
        self.store.save(name, mood, overwrite=overwrite)
        before = self.state.values
        if self._shaped:
            self.state.sound = self._shaped
        self._end_comparison("")
        self.state.mood = name
        return self._since(before, COMPARE_GLIDE_S, also="/mood")

    def _heading(self, name: str) -> dict[str, str]:
        """What a mood is called: as before where there is one, else after its name."""
        try:
            known = self.store.load(name)
        except MoodError:
            return {"title": name.replace("_", " ").capitalize(), "about": f"Shaped from {self.state.mood}."}
        return {"title": known.title, "about": known.about, "colour": known.colour}

    def _revert(self, name: str) -> Change:
        """Writes the file alone; it is heard once it is chosen."""
        self.store.revert(name)
        return Change()

    def _compare(self, stored: bool) -> Change:
        if stored == self.state.compare:
            return Change({"/mood/compare": int(stored)})
        sound = dict(self.store.values(self.state.mood)) if stored else self._shaped
        before = self._remember("/mood/compare")
        self._shaped = self.state.sound if stored else {}
        self.state.sound, self.state.compare = sound, stored
        return self._since(before, COMPARE_GLIDE_S)

    def _blend(self, path: str, value: float) -> Change:
        pad = {**self.state.pad, path: value}
        weights = corner_weights(float(pad["/pad/x"]), float(pad["/pad/y"]))
        corners = zip((str(pad[corner]) for corner in CORNERS), weights, strict=True)
        named = [(name, weight) for name, weight in corners if name != NO_MOOD]
        if not named:
            raise ControlError(f"{path}: no corner of the pad has a mood yet; give it one with {CORNERS[0]} and so on")
        if sum(weight for _, weight in named) < 1e-6:
            named = [(name, 1.0) for name, _ in named]
        sound = blend([(self.store.values(name), weight) for name, weight in named])
        before = self._remember("/pad")
        self._end_comparison(path)
        self.state.pad, self.state.sound = pad, sound
        self.state.mood = max(named, key=lambda part: part[1])[0]
        return self._since(before, PAD_GLIDE_S, also=path)

    def _undo(self) -> Change:
        back = self.undo.back()
        if back is None:
            raise ControlError("/undo: there is nothing left to take back")
        before = self.state.values
        self._end_comparison("")
        self.state.restore({**back, "/mood/compare": 0})
        mood_changes = before["/mood"] != self.state.mood
        return self._since(before, self.state.morph_s if mood_changes else UNDO_GLIDE_S, begins_mood=mood_changes)

    def _remember(self, key: str) -> Mapping[str, Value]:
        before = self.state.values
        self.undo.note(key, before, self._clock())
        return before

    def _end_comparison(self, path: str) -> None:
        """A change of mood goes on from what is heard."""
        if not path.startswith(("/room", "/stem", "/seed", "/mood/morph_s", "/pad/corner")):
            self._shaped, self.state.compare = {}, False

    def _since(
        self, before: Mapping[str, Value], glide_s: float | None = None, *, begins_mood: bool = False, also: str = ""
    ) -> Change:
        """What differs now; `also` is reported in any case, so that the sender sees an answer."""
        now = self.state.values
        values = {path: value for path, value in now.items() if before[path] != value or path == also}
        return Change(values, glide_s, begins_mood=begins_mood)

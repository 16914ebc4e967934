"""Sessions: recorded, played, stopped and deleted by messages below /session, through the hub."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from engine.errors import ControlError
from engine.hub.actions import Change
from engine.hub.sessions.player import Player
from engine.hub.sessions.recorder import Recorder
from engine.hub.sessions.session import PRESSES, Moment, SessionError
from engine.hub.sessions.store import SessionStore, clock
from engine.osc.port import Message
from engine.parameters.addresses import SESSION_SLOTS, find

NOT_RECORDED: Final = frozenset({"/mood/store", "/mood/overwrite", "/mood/revert"})
"""They write files; a session that is played must not."""
LOOK_S: Final = 5.0
FAR_S: Final = 3600.0

Told = tuple[str, tuple[object, ...]]


class SessionActions:
    """`folder` is the installation's; without one nothing can be recorded or played."""

    def __init__(
        self, folder: Path | None, clock: Callable[[], float] = time.monotonic, scratch: Path | None = None
    ) -> None:
        """`scratch` is the file of what is being recorded; where there is one already, it goes on."""
        self.store, self._clock, self._scratch = SessionStore(folder), clock, scratch
        self._recorder = self._resumed(scratch) if scratch else None
        self.player: Player | None = None
        self._look_due_s = 0.0
        self._slots: list[Told] = []

    def take(self, message: Message) -> None:
        """A message below /session. Raises ControlError."""
        row = find(message.path)
        name = str(row.parse(message.arguments) or "")
        try:
            match message.path:
                case "/session/record":
                    self._record(name)
                case "/session/play":
                    self.player = Player(name, self.store.load(name), self._clock())
                case "/session/stop":
                    self.stop()
                case "/session/delete":
                    self.store.delete(name)
        except SessionError as problem:
            raise ControlError(f"{message.path}: {problem}") from None
        finally:
            self._look_due_s = 0.0

    def changed(self, path: str, change: Change) -> None:
        """Somebody's hand at `path` did this."""
        if self.player and change.values:
            self.player.hand(change.values, begins_mood=change.begins_mood)
        if self._recorder and change.values and path not in NOT_RECORDED:
            values = {path: value for path, value in change.values.items() if path != "/mood/compare"}
            self._recorder.change(values, change.glide_s, self._clock(), begins_mood=change.begins_mood)

    def pressed(self, path: str) -> None:
        if self._recorder and path in PRESSES:
            self._recorder.press(path, self._clock())

    def go_on_playing(self, memory: Sequence[Any]) -> None:
        """As a hub before this one did, by `Player.to_json`. Raises SessionError where there is no such session now."""
        name, begun_s, next_moment, held = memory
        self.player = Player(str(name), self.store.load(name), float(begun_s), int(next_moment), held)

    def due(self) -> Iterator[Moment]:
        """What the session that plays does now; a recording that is full ends. Raises ControlError."""
        now_s = self._clock()
        if self.player:
            yield from self.player.due(now_s)
            if self.player.is_over(now_s):
                self.player = None
        if self._recorder and self._recorder.is_full:
            self._finish()

    @property
    def due_s(self) -> float:
        """How long `due` may wait."""
        return self.player.due_s(self._clock()) if self.player else FAR_S

    def stop(self) -> None:
        """End what is recorded, and what plays. Raises ControlError where what was recorded cannot be kept."""
        self.player = None
        self._finish()

    def reports(self) -> Iterator[Told]:
        """What a surface shows."""
        now_s = self._clock()
        yield "/session/now", (self._now(now_s),)
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + LOOK_S
            self._slots = list(self._list())
        yield from self._slots

    def _now(self, now_s: float) -> str:
        words = []
        if self._recorder:
            words.append(f"recording {self._recorder.name} {clock(self._recorder.length_s(now_s))}")
        if player := self.player:
            of = clock(player.session.length_s)
            words.append(f"playing {player.name} {clock(player.passed_s(now_s))} of {of}")
        return ", ".join(words) or "none"

    def _list(self) -> Iterator[Told]:
        names = self.store.names()
        yield "/session/list", names
        for number in range(1, SESSION_SLOTS + 1):
            name = names[number - 1] if number <= len(names) else ""
            yield f"/session/slot_{number}", (name, self.store.about(name)) if name else ("none", "none")

    def _resumed(self, scratch: Path) -> Recorder | None:
        """What a hub before this one was recording, unless it was about to end with that."""
        recorder = Recorder.resume(scratch)
        if recorder and recorder.name in self.store.names():
            recorder.forget()
            return None
        return recorder

    def _record(self, name: str) -> None:
        if self._recorder:
            raise SessionError(f"{self._recorder.name!r} is being recorded; stop that first")
        self.store.check_new(name)
        self._recorder = Recorder(name, self._clock(), self._scratch)
        self._recorder.begin()

    def _finish(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        self._look_due_s = 0.0
        try:
            self.store.save(recorder.name, recorder.finish(self._clock()))
        except SessionError as problem:
            raise ControlError(f"/session/record: {problem}") from None
        finally:
            recorder.forget()

"""Knobs at the surface: learns them, lets them move what they are bound to, and says how they stand.

It knows no wires: messages come through the hub, which does what `take` returns as if it had been asked for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.errors import ControlError
from engine.hub.midi.bindings import BINDABLE, BindingError, Bindings, Knob
from engine.hub.midi.learning import Learning
from engine.hub.midi.messages import CONTROL, FINE, Control, control_of
from engine.hub.midi.pickup import Grip
from engine.osc.port import Endpoint, Message
from engine.parameters.address import Address, Value
from engine.parameters.addresses import MIDI_ROWS

MOST_GRIPS: Final = 1024
LOOK_S: Final = 0.7
SHOW_S: Final = 0.1
NOTHING: Final = "none"

Asked = tuple[Address, Value | None]
Told = tuple[str, tuple[object, ...]]


class MidiActions:
    """`values` gives the present value of every address; `folder` is where the bindings are kept."""

    def __init__(
        self,
        folder: Path | None,
        values: Callable[[], Mapping[str, Value]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._values, self._clock = values, clock
        self.bindings = Bindings(folder)
        self._grips: dict[tuple[str, Endpoint], Grip] = {}
        self._latest: dict[str, Endpoint] = {}
        """Which device last moved the knob of an address: the same knob may be at two machines."""
        self.learning: Learning | None = None
        self._last = NOTHING
        self._look_due_s = self._show_due_s = 0.0
        self._complaints: list[str] = []
        for _ in range(2):  # a file that is there before anything plays has been left alone
            if wrong := self.bindings.look():
                self._complaints.append(wrong)

    def take(self, message: Message) -> list[Asked]:
        """What a message below /midi asks to be done. Raises ControlError."""
        words = message.arguments
        match message.path:
            case "/midi/learn":
                self._learn(str(words[0]) if words else "")
            case "/midi/forget":
                self._forget(str(words[0]) if words else "")
            case "/midi/clear":
                self._change({})
            case _ if message.path == CONTROL:
                return list(self._move(control_of(words), message.source))
        return []

    def touched(self, path: str) -> None:
        """A control was moved by hand: it is the one to be learnt, where one is waited for."""
        if self.learning and not self.learning.target and path in BINDABLE:
            self.learning.target = path

    def step(self) -> list[str]:
        """Let time pass; what went wrong meanwhile."""
        now_s = self._clock()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + LOOK_S
            if wrong := self.bindings.look():
                self._complaints.append(wrong)
        if self.learning and self.learning.is_over(now_s):
            self._end_learning(self.learning)
        said, self._complaints = self._complaints, []
        return said

    def reports(self) -> Iterator[Told]:
        """What a surface shows, if it is time to look again."""
        now_s = self._clock()
        if now_s < self._show_due_s:
            return
        self._show_due_s = now_s + SHOW_S
        yield "/midi/learning", (str(self.learning) if self.learning else NOTHING,)
        yield "/midi/last", (self._last,)
        values, knobs = self._values(), sorted(self.bindings.knobs.items())
        for number in range(1, MIDI_ROWS + 1):
            if number > len(knobs):
                yield f"/midi/row_{number}", (NOTHING,) * 3
                continue
            path, knob = knobs[number - 1]
            grip = self._grips.get((path, self._latest.get(path, ("", 0))), Grip())
            yield f"/midi/row_{number}", (path, str(knob), grip.wants(BINDABLE[path], knob.turn, values.get(path)))

    # --------------------------------------------------------------- learn

    def _learn(self, path: str) -> None:
        """Begin; asked for the same again, learn no longer."""
        waiting = self.learning.target if self.learning else None
        if waiting is not None and path in (waiting, ""):
            self.learning = None
            return
        if path and path not in BINDABLE:
            raise ControlError(f"/midi/learn: {path} cannot have a knob")
        self.learning = Learning(self._clock(), path)

    def _end_learning(self, learning: Learning) -> None:
        self.learning = None
        if knob := learning.knob():
            self._grips = {key: grip for key, grip in self._grips.items() if key[0] != learning.target}
            try:
                self._change({**self.bindings.knobs, learning.target: knob})
            except ControlError as problem:
                self._complaints.append(str(problem))

    def go_on_learning(self, begun_s: float, target: str) -> None:
        """As a hub before this one was about to."""
        self.learning = Learning(begun_s, target)

    def _forget(self, path: str) -> None:
        if path not in self.bindings.knobs:
            known = ", ".join(sorted(self.bindings.knobs)) or "none"
            raise ControlError(f"/midi/forget: {path or 'nothing'} has no knob; there are {known}")
        self._change({bound: knob for bound, knob in self.bindings.knobs.items() if bound != path})

    def _change(self, knobs: dict[str, Knob]) -> None:
        try:
            self.bindings.change(knobs)
        except BindingError as problem:
            raise ControlError(str(problem)) from None
        self._grips = {key: grip for key, grip in self._grips.items() if key[0] in knobs}

    # ---------------------------------------------------------------- move

    def _move(self, control: Control, source: Endpoint) -> Iterator[Asked]:
        self._last = f"ch {control.channel} cc {control.number}: {control.value}".replace(" ", "\N{NO-BREAK SPACE}")
        if self.learning and self.learning.target:
            self.learning.hear(control, self._clock())
            return
        values: Mapping[str, Value] | None = None
        for path, knob in self.bindings.knobs.items():
            if not _moves(knob, control):
                continue
            values = values or self._values()
            if len(self._grips) > MOST_GRIPS:
                self._grips.clear()  # whoever sends from ever new ports takes hold anew
            grip = self._grips.setdefault((path, source), Grip())
            self._latest[path] = source
            moves, value = grip.move(BINDABLE[path], knob.turn, control, values.get(path))
            if moves:
                yield BINDABLE[path], value


def _moves(knob: Knob, control: Control) -> bool:
    """Whether a message comes from this knob."""
    fine = knob.turn == "14-bit" and control.number == knob.controller + FINE
    return control.channel == knob.channel and (control.number == knob.controller or fine)

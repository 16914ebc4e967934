"""What effects are: an insert in every strip, a return that strips send to, or a bus that strips speak into.

The class in `effects/NAME.py` is called like the file (`far.py`: `Far`) and derives from one of these. It makes pyo
objects when it is built, and `set` moves them, once in a step. What nobody hears is stopped, and costs nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from engine.sound.layers.knob import STEP_S, Knob
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

Values = Mapping[str, float]
"""Parameters by name: an effect's own for the layer, then those that all layers share."""

RESTS_DB: Final = 160.0
"""What has fallen by so much is nothing any more."""


class Insert(ABC):
    """Stands in a strip. `out` are the streams of left and right after it, `dry` those before.

    A subclass makes of `dry` what it does, hands the two streams to `blend`, lists all objects in `parts`, and says in
    `set` how much of either is heard.
    """

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        self.dry, self.wheels = dry, wheels
        self.parts: list[Any] = []
        self._awake = True
        self._on_wheels = False

    def wheel(self, frequency_hz: float, phase: float = 0.0) -> Any:
        """The stream of a slow sine, which all inserts share that ask for the same; it turns while one is awake."""
        self._on_wheels = True
        self.wheels.use(self, self._awake)
        return self.wheels.at(frequency_hz, phase)

    def blend(self, wet: Any) -> None:
        """Make `out` of what goes in and of `wet`."""
        self._dry_gain, self._wet_gain = Knob(1.0), Knob(0.0)
        self._wet, self._heard = wet, pyo.Sig(wet, mul=0.0)
        self.out: Any = pyo.Sig(self.dry, add=self._heard)
        self.parts += [wet]
        self._route = "both"
        self._dry_gain.moves(self.out.setMul)
        self._wet_gain.moves(self._heard.setMul)

    @abstractmethod
    def set(self, values: Values) -> None:
        """Take the step's values."""

    def gains(self, dry: float, wet: float) -> None:
        """How much of what goes in, and of what was made of it, is heard.

        What slept is heard a step after it wakes: delay lines still hold what went in before.
        """
        silent = self._wet_gain.at_rest_at_zero
        fills = silent and wet > 0.0 and not self._awake
        self._wake(wet > 0.0 or not silent)
        if fills:
            dry, wet = 1.0, 0.0
        self._dry_gain.set(dry)
        self._wet_gain.set(wet)
        self._take_route()

    def _take_route(self) -> None:
        """Where one of the two is all there is, `out` is that and nothing is added up: a third of an insert's cost."""
        only_wet = self._wet_gain.rests_at(1.0) and self._dry_gain.at_rest_at_zero
        route = "dry" if not self._awake else "wet" if only_wet else "both"
        if route == self._route:
            return
        self._route = route
        self.out.setValue(self._wet if route == "wet" else self.dry)
        self.out.setAdd(self._heard if route == "both" else 0.0)
        self._heard.play() if route == "both" else self._heard.stop()
        self._dry_gain.tell_again() if route != "wet" else self.out.setMul(1.0)

    def _wake(self, needed: bool) -> None:
        if needed != self._awake:
            self._awake = needed
            for part in self.parts:
                part.play() if needed else part.stop()
            if self._on_wheels:
                self.wheels.use(self, needed)

    def pause(self) -> None:
        """The strip sleeps."""
        self._wake(False)
        self._take_route()


class Return(ABC):
    """Sounds of what strips send. A subclass makes `out`, the streams of left and right, and lists all in `parts`."""

    SEND: ClassVar[str]
    """The parameter of every layer that says how much it sends."""
    ONWARD: ClassVar[Mapping[str, str]] = {}
    """Returns that it sends to itself, and the shared parameters that say how much."""

    def __init__(self, sends: Any) -> None:
        """`sends` are the streams of left and right that come from all strips."""
        self.out: Any = sends
        self.parts: list[Any] = []
        self._channel = 0
        self._idle_s = 0.0

    @staticmethod
    def sent(share: float) -> float:
        """Gain with which a layer sends."""
        return share

    @staticmethod
    def kept(share: float) -> float:  # noqa: ARG004  (subclasses use it)
        """Gain that is left to what is heard of the layer directly."""
        return 1.0

    @abstractmethod
    def set(self, values: Values) -> None:
        """Take the step's values."""

    @staticmethod
    @abstractmethod
    def tail_s(values: Values, fall_db: float) -> float:
        """How long it sounds when nothing comes any more, until it has fallen by `fall_db`."""

    def leave_at(self, channel: int) -> None:
        """Leave the graph at `channel` and the next. It sleeps until something is sent."""
        self._channel = channel
        self._sleep()

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of what it was made of."""

    @property
    def awake(self) -> bool:
        return self._idle_s >= 0.0

    def rest(self, fed: bool, values: Values) -> None:
        """Sleep when nothing has been sent for as long as it rings; wake when something is."""
        if fed and not self.awake:
            for part in self.parts:
                part.play()
            self.out.out(self._channel)
        if fed:
            self._idle_s = 0.0
        elif self.awake:
            self._idle_s += STEP_S
            if self._idle_s > self.tail_s(values, RESTS_DB):
                self._sleep()

    def _sleep(self) -> None:
        self._idle_s = -1.0
        for part in self.parts:
            part.stop()

"""Low cut and high cut of a strip: Butterworth filters of second order, which are out of the way at their ends."""

from __future__ import annotations

from typing import Any, Final

from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.effect import Insert, Values
from engine.sound.layers.knob import Knob
from engine.sound.layers.poles import OPEN, Poles, low_cut
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels

LOW_OPEN_HZ: Final = 20.0
HIGH_OPEN_HZ: Final = 20_000.0


class LowCut(Insert):
    """What goes in, less what a pair of poles keeps of it.

    Where the cut moves, another pair, tuned to the new one, fades in while the first fades out. It sounds a step after
    it wakes: what it still holds is from before.
    """

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._direct = Knob(OPEN.direct)
        self._now, self._next = Poles(dry), Poles(dry)
        self._both = pyo.Sig(self._now.faded, add=self._next.faded).stop()
        self.out: Any = pyo.Sig(dry)
        self._direct.moves(self.out.setMul)
        self._cut_hz, self._weights = LOW_OPEN_HZ, OPEN

    def set(self, values: Values) -> None:
        wanted_hz = values["highpass_hz"]
        weights = low_cut(wanted_hz) if wanted_hz > LOW_OPEN_HZ else OPEN
        if wanted_hz != self._cut_hz and self._next.ready(weights):
            self._cut_hz, self._weights = wanted_hz, weights
            self._now, self._next = self._next, self._now
        elif self._weights is not OPEN:
            self._now.go_on()
        self._now.fade_in()
        self._next.fade_out(keep=wanted_hz != self._cut_hz)
        self._direct.set(self._weights.direct)
        self._take_route()

    def _take_route(self) -> None:
        """A sum of one is not added up."""
        heard = [out for out in (self._now.heard(), self._next.heard()) if out is not None]
        self._both.play() if len(heard) > 1 else self._both.stop()
        self.out.setAdd(self._both if len(heard) > 1 else heard[0] if heard else 0.0)

    def pause(self) -> None:
        """The strip sleeps."""
        self._now.rest()
        self._next.rest()


class HighCut(Insert):
    """Open, it takes nothing, not even the little that a filter at 20 kHz would. `Poles` cannot be as dull as this:
    they ring for a tenth of a millisecond at least."""

    def __init__(self, dry: Any, wheels: Wheels) -> None:
        super().__init__(dry, wheels)
        self._cut_hz = Knob(HIGH_OPEN_HZ)
        with direct_inputs():
            cut = pyo.ButLP(dry, freq=HIGH_OPEN_HZ)
        self._cut_hz.moves(cut.setFreq)
        self.blend(cut)

    def set(self, values: Values) -> None:
        on = values["lowpass_hz"] < HIGH_OPEN_HZ
        self.gains(float(not on), float(on))
        self._cut_hz.set(values["lowpass_hz"])

"""A channel strip: inserts (compressor and the like), level and pan, low cut, high cut, sends.

source > inserts > level, pan > low cut > high cut > keep + vocoder's voice > direct
                                              |                |----------- > to each return
                                              '> to the vocoder
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.scaling import gain_of_db
from engine.sound.layers.cuts import HighCut, LowCut
from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.effect import Insert, Return, Values
from engine.sound.layers.knob import STEP_S, Knob
from engine.sound.layers.manual_server import ManualServer
from engine.sound.layers.panning import pan_gain, places_of_sides
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.table_readers import Reading, TableReaders
from engine.sound.layers.wheel import Wheels

_RINGS_S: Final = 1.0
"""So long after its source has fallen silent, filters, compressor and inserts still have something to say."""
_PLACE: Final = ("level_db", "pan")
ARRIVED_STEPS: Final = 4
"""A ramp takes one step and is let go of in the next; an insert that wakes fills its delay lines for one before."""

_Told = tuple[Values, float, bool]


class Strip:
    """One layer, left and right. Its `sends` go by the names of returns; `said` is what it says to the vocoder.

    Either is added to what the strips before it send or say, and rests with who hears it, not with the strip.
    """

    def __init__(
        self,
        server: ManualServer,
        wheels: Wheels,
        floor: NDArray[np.float32],
        inserts: Sequence[type[Insert]],
        has_loops: bool,
        said_before: Any,
    ) -> None:
        """`floor` [STEP_FRAMES] is added to the source, and may change at each step; `said_before` is one stream."""
        sides, self._memory = server.source(2)
        self._floor = floor
        self.readers = TableReaders(server, sides) if has_loops else None
        self.source: Any = self.readers.out if self.readers else sides
        stage = self.source
        self._parts: list[Any] = [sides, *(self.readers.parts if self.readers else ())]
        self._inserts: list[Insert] = []
        for kind in inserts:
            insert = kind(stage, wheels)
            self._inserts.append(insert)
            stage = insert.out
            self._parts.append(stage)
        self._build_place(stage, wheels)
        self._build_speech(said_before)
        self._idle_s = 0.0
        self._told: _Told | None = None
        self._others: _Told | None = None
        self._told_again = self._others_again = 0

    def _build_place(self, stage: Any, wheels: Wheels) -> None:
        self._places, self._gain = Knob([0.0, 1.0]), Knob(0.0)
        with direct_inputs():
            panned = pyo.Pan(stage, outs=2, pan=[0.0, 1.0], mul=0.0)
        placed = pyo.Sig(panned[:2], add=panned[2:])
        low_cut = LowCut(placed, wheels)
        high_cut = HighCut(low_cut.out, wheels)
        self._places.moves(panned.setPan)
        self._gain.moves(panned.setMul)
        self._shaped = high_cut.out
        self._parts += [panned, placed, low_cut.out, high_cut.out]
        self._inserts += [low_cut, high_cut]

    def _build_speech(self, before: Any) -> None:
        self._speech = Knob(0.0)
        right = pyo.Sig(self._shaped[1], mul=0.0, add=before)
        self.said: Any = pyo.Sig(self._shaped[0], mul=0.0, add=right)
        self.speech = [right, self.said]
        """All objects of what it says."""
        self._speech.moves(right.setMul, self.said.setMul)

    def connect(
        self, voice: Any, returns: Mapping[str, type[Return]], channel: int, sent_before: Mapping[str, Any]
    ) -> None:
        """Let it hear the vocoder's `voice`, make its `sends`, and let it leave the graph at `channel` and the next."""
        self._returns, self._channel = returns, channel
        self._keep, self._spoken, self._direct_gain = Knob(1.0), Knob(0.0), Knob(1.0)
        self._send_gains = {name: Knob(0.0) for name in returns}
        spoken = pyo.Sig(voice, mul=0.0)
        body = pyo.Sig(self._shaped, add=spoken)
        self._direct = pyo.Sig(body)
        self.sends: dict[str, Any] = {name: pyo.Sig(body, mul=0.0, add=sent_before[name]) for name in returns}
        self._keep.moves(body.setMul)
        self._spoken.moves(spoken.setMul)
        self._direct_gain.moves(self._direct.setMul)
        for name, send in self.sends.items():
            self._send_gains[name].moves(send.setMul)
        self._sending = dict.fromkeys(returns, True)
        self._parts += [spoken, body, self._direct]
        self._direct.out(channel)

    def feeds(self, name: str) -> bool:
        """Whether anything of it goes to that return in the coming step."""
        return self.awake and self._sending[name]

    @property
    def awake(self) -> bool:
        return self._idle_s <= _RINGS_S

    def take(self, dry: NDArray[np.float32], sounds: bool, readings: Sequence[Reading]) -> None:
        """What sounds in the coming step: `dry` [2, STEP_FRAMES], if any of it `sounds`, and loops for those that read
        such."""
        for memory, side in zip(self._memory, dry, strict=True):
            np.add(side, self._floor, out=memory)
        if self.readers:
            self.readers.set(readings)
        was_awake = self.awake
        self._idle_s = 0.0 if sounds or readings else self._idle_s + STEP_S
        if self.awake != was_awake:
            self._wake(self.awake)

    def has_arrived(self, spoken: float) -> bool:
        """Whether `set` would do nothing if it were told the same values as before."""
        if self._told is None or self._told_again <= ARRIVED_STEPS:
            return False
        return self._told[1] == spoken and self._told[2] == self.awake

    def set(self, own: Values, spoken: float) -> None:
        """Take the step's values by name, also shared ones; `spoken` is its share of the vocoder's voice.

        What has been told the same for some steps has arrived, and is not told again: that costs a ninth of a mood.
        Level and place are told apart, for a swell moves them alone.
        """
        told = (own, spoken, self.awake)
        self._told_again = self._told_again + 1 if told == self._told else 0
        others = {name: value for name, value in own.items() if name not in _PLACE}, spoken, self.awake
        self._others_again = self._others_again + 1 if others == self._others else 0
        self._told, self._others = told, others
        if self._told_again <= ARRIVED_STEPS:
            self._places.set(list(places_of_sides(own["pan"])))
            self._gain.set(gain_of_db(own["level_db"]) * pan_gain(own["pan"]))
        if self._others_again <= ARRIVED_STEPS:
            self._set_others(own, spoken)

    def _set_others(self, own: Values, spoken: float) -> None:
        for insert in self._inserts:
            insert.set(own) if self.awake else insert.pause()
        self._speech.set(own["vocoder"])
        self._keep.set(math.cos(own["vocoder"] * math.pi / 2))
        self._spoken.set(spoken)
        direct = 1.0
        for name, kind in self._returns.items():
            share = own[kind.SEND]
            direct *= kind.kept(share)
            self._send(name, own["sends"] * kind.sent(share))
        self._direct_gain.set(direct)

    def _send(self, name: str, gain: float) -> None:
        knob = self._send_gains[name]
        needed = gain > 0.0 or not knob.at_rest_at_zero
        knob.set(gain)
        self._sending[name] = needed

    def _wake(self, awake: bool) -> None:
        for part in self._parts:
            part.play() if awake else part.stop()
        if awake:
            self._direct.out(self._channel)

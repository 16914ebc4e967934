"""The large room: half a second to twenty."""

from __future__ import annotations

import math
from typing import Any, Final

from engine.sound.layers.effect import Return, Values
from engine.sound.layers.reverb_network import ReverbNetwork, Shape

SHAPE: Final = Shape(
    lines=(1409, 4073, 2503, 6007, 1871, 2767, 1699, 3691, 1543, 3347, 4481, 3041, 4943, 2273, 2063, 5443),
    allpasses=((229, 241), (173, 179), (613, 587), (449, 463)),
    damped_every=2,
)
"""29 to 125 ms, in the order, of two dozen that were tried, in which the late spectrum is evenest."""


class Far(Return):
    """As long and as bright as asked. What goes there is missing in what is heard directly: a layer recedes."""

    SEND = "reverb"

    def __init__(self, sends: Any) -> None:
        super().__init__(sends)
        self._network = ReverbNetwork(sends, SHAPE)
        self.out, self.parts = self._network.out, self._network.parts

    @staticmethod
    def sent(share: float) -> float:
        return math.sin(share * math.pi / 2)

    @staticmethod
    def kept(share: float) -> float:
        return math.cos(share * math.pi / 2)

    def set(self, values: Values) -> None:
        self._network.set(values["reverb_s"], values["reverb_lowpass_hz"])

    @staticmethod
    def tail_s(values: Values, fall_db: float) -> float:
        return values["reverb_s"] * fall_db / 60

    def close(self) -> None:
        self._network.close()

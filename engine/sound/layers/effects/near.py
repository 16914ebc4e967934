"""The small room: what is in it sounds close, and as if it stood beside the others.

It rings for a second and a half at most: beyond, its few resonances stand apart, and it sounds of metal.
"""

from __future__ import annotations

from typing import Any, Final

from engine.sound.layers.effect import Return, Values
from engine.sound.layers.reverb_network import ReverbNetwork, Shape

SHAPE: Final = Shape(
    lines=(1697, 1091, 1861, 769, 911, 1187, 839, 1423, 997, 587, 641, 2029, 541, 701, 1553, 1297),
    allpasses=((61, 67), (113, 107), (173, 181)),
    damped_every=4,
)
"""11 to 42 ms: walls that are four to fourteen metres apart; for their order see `far`."""


class Near(Return):
    """Its early reflections are the lines themselves."""

    SEND = "near"

    def __init__(self, sends: Any) -> None:
        super().__init__(sends)
        self._network = ReverbNetwork(sends, SHAPE)
        self.out, self.parts = self._network.out, self._network.parts

    def set(self, values: Values) -> None:
        self._network.set(values["near_s"], values["near_lowpass_hz"])

    @staticmethod
    def tail_s(values: Values, fall_db: float) -> float:
        return values["near_s"] * fall_db / 60

    def close(self) -> None:
        self._network.close()

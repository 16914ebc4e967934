"""Keys and pedals as they are struck and let go: what a player, or an instrument with a MIDI port, is told."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What happens to a key or a pedal."""

    ON = "on"
    OFF = "off"
    PEDAL = "pedal"


class KeyEvent(NamedTuple):
    """At `frame`, one voice does one thing. `value` is a velocity 1..127, or 1 and 0 for a pedal down and up."""

    frame: int
    voice: str
    action: Action
    pitch: int = 0
    value: int = 0

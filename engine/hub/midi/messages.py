"""MIDI messages that matter here, as values, and how they travel: as OSC, from the machine with the device.

Controller numbers are those of the MIDI 1.0 specification, table 3 (MMA 1996).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from engine.errors import ControlError

CONTROL: Final = "/midi/control"
NOTE: Final = "/midi/note"
SUSTAIN: Final = 64
LEFT_ALONE: Final = frozenset({0, 32, SUSTAIN, *range(120, 128)})
"""Bank select, the sustain pedal, and channel mode messages (120 to 127, reset of all controllers among them)."""
FINE: Final = 32
"""A controller below this may have its lower seven bits so many numbers further on."""


@dataclass(frozen=True, slots=True)
class Control:
    """A controller was moved: channel 1 to 16, number and value 0 to 127."""

    channel: int
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Key:
    """A key was struck, or released where the velocity is 0."""

    channel: int
    pitch: int
    velocity: int


def control_of(arguments: tuple[object, ...]) -> Control:
    """The message in `/midi/control`. Raises ControlError."""
    return Control(*_three(CONTROL, "channel, controller and value", arguments))


def key_of(arguments: tuple[object, ...]) -> Key:
    """The message in `/midi/note`. Raises ControlError."""
    return Key(*_three(NOTE, "channel, key and velocity", arguments))


def _three(path: str, what: str, arguments: tuple[object, ...]) -> tuple[int, int, int]:
    numbers = [int(a) for a in arguments if isinstance(a, int | float) and math.isfinite(a) and a == int(a)]
    if len(numbers) != 3 or len(arguments) != 3:
        raise ControlError(f"{path} takes {what}, three whole numbers, but {arguments!r} came")
    channel, number, value = numbers
    if not (channel >= 1 and 0 <= number <= 127 and 0 <= value <= 127):
        raise ControlError(f"{path} takes {what}, 1 to 16 and 0 to 127, but {arguments!r} came")
    return (channel - 1) % 16 + 1, number, value  # Pure Data counts on from 17 for the second device

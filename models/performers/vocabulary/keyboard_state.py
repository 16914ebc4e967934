"""The state of the keyboard: which keys are down and for how long, the pedal, how loud, how long ago.

All of it follows from the events before, so a network that is shown it stays a plain autoregressive model. It saves
the network from spending its layers on counting: a key may only be released while down, a breath is long after the
last onset, the harmony is what still rings. Training and drawing take events through the same compiled function, so
both see the same numbers to the last bit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import njit
from models.performers.vocabulary.events import (
    NOTE_OFF,
    PEDAL_DOWN,
    PEDAL_UP,
    START,
    TIME_SHIFT,
    VELOCITY,
    VELOCITY_BINS,
)

HELD_STEPS: Final = 50.0
"""A held key is shown with exp(-age / this), in steps of 10 ms, so that the network can tell how long it is held."""

RINGING_STEPS: Final = 600.0
"""A key struck some time ago, still down or not, fades from the network's sight with this time constant."""

WAIT_BINS: Final = 12
"""Time since the last onset, in triangles around 1, 2, 4 … 2048 steps."""

_HELD: Final = 128
_RINGING: Final = 256
_PEDAL: Final = 384
_VELOCITY: Final = 385
_WAIT: Final = _VELOCITY + VELOCITY_BINS
STATE_SIZE: Final = _WAIT + WAIT_BINS
"""[keys down (128), down and how new (128), struck and how new (128), pedal, velocity (32), wait (12)]"""

MEMORY_SIZE: Final = 128 * 2 + 4
"""Integers that hold a keyboard: [down (128), step of the last strike (128), now, last onset, pedal, velocity bin]"""

_STRUCK: Final = 128
NOW: Final = 256
"""Where a keyboard's memory holds the time, in steps of 10 ms since the piece began."""

_ONSET: Final = 257
_PEDAL_HELD: Final = 258
_BIN: Final = 259
NEVER: Final = -1_000_000

Memory = NDArray[np.int64]


@njit(cache=True)
def silence(memory: Memory) -> None:
    """Sets a keyboard [MEMORY_SIZE] to what it is before a piece."""
    memory[:] = 0
    memory[_STRUCK:NOW] = NEVER
    memory[_ONSET] = NEVER
    memory[_BIN] = VELOCITY_BINS // 2


@njit(cache=True)
def take(memory: Memory, event: int) -> None:
    """Moves a keyboard [MEMORY_SIZE] on by one event; the mark of a start silences it."""
    if event == START:
        silence(memory)
    elif event < NOTE_OFF:
        memory[event] = 1
        memory[_STRUCK + event] = memory[NOW]
        memory[_ONSET] = memory[NOW]
    elif event < TIME_SHIFT:
        memory[event - NOTE_OFF] = 0
    elif event < VELOCITY:
        memory[NOW] += event - TIME_SHIFT + 1
    elif event < PEDAL_UP:
        memory[_BIN] = event - VELOCITY
    elif event == PEDAL_UP:
        memory[_PEDAL_HELD] = 0
    elif event == PEDAL_DOWN:
        memory[_PEDAL_HELD] = 1


@njit(cache=True)
def show(memory: Memory, state: NDArray[np.float32]) -> None:
    """Writes what the network sees of a keyboard into `state` [STATE_SIZE]."""
    now = memory[NOW]
    for key in range(128):
        age = np.float32(now - memory[_STRUCK + key])
        down = np.float32(memory[key])
        state[key] = down
        state[_HELD + key] = down * np.exp(-age / np.float32(HELD_STEPS))
        state[_RINGING + key] = np.exp(-age / np.float32(RINGING_STEPS))
    state[_PEDAL:] = 0.0
    state[_PEDAL] = memory[_PEDAL_HELD]
    state[_VELOCITY + memory[_BIN]] = 1.0
    wait = np.log2(np.float32(1 + now - memory[_ONSET]))
    position = min(wait, np.float32(WAIT_BINS - 1))
    low = int(position)
    share = position - np.float32(low)
    state[_WAIT + low] = np.float32(1) - share
    if low + 1 < WAIT_BINS:
        state[_WAIT + low + 1] = share


@njit(cache=True)
def states(events: NDArray[np.int16], start: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """What the network sees after each of events[start:stop] of a piece, and the time then.

    Args:
        events: of the piece from its beginning [N]; what lies before `start` is taken into account.

    Returns:
        States [stop - start x STATE_SIZE], and times [stop - start] in steps of 10 ms since the piece began.
    """
    memory = np.empty(MEMORY_SIZE, np.int64)
    silence(memory)
    seen = np.empty((stop - start, STATE_SIZE), np.float32)
    times = np.empty(stop - start, np.int64)
    for i in range(stop):
        take(memory, events[i])
        if i >= start:
            show(memory, seen[i - start])
            times[i - start] = memory[NOW]
    return seen, times

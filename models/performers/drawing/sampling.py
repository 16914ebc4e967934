"""Choosing the next event: temperature, top-k, top-p, and what a keyboard allows."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import HIGHEST_PIANO_PITCH, LOWEST_PIANO_PITCH
from models.performers.drawing.kernels.nucleus import drawn
from models.performers.drawing.note_lengths import PACE_S, NoteLengths
from models.performers.vocabulary.events import (
    NOTE_OFF,
    NOTE_ON,
    PEDAL_DOWN,
    PEDAL_UP,
    STEP_S,
    TIME_SHIFT,
    VELOCITY,
    VOCABULARY_SIZE,
)

LONGEST_KEY_DOWN_S = 5.0
"""A key held this long has faded; pianists let go of it, networks forget to. Holds where `NoteLengths` are unknown."""

MOST_KEYS_DOWN = 12
"""More keys than ten fingers and two thumbs' doubles hold are not offered another."""


@dataclass(frozen=True)
class Choice:
    """How to choose among probabilities: softmax(logits / temperature), the top_k likeliest (0: all), of these
    the smallest set that holds `top_p` of the probability (nucleus, Holtzman et al. 2019, arXiv 1904.09751)."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0

    def event(self, logits: NDArray[np.float32], playable: NDArray[np.bool_], uniform: float) -> int:
        """The event that a uniform random number in [0, 1) falls on, among the playable ones.

        Those kept are laid end to end in the vocabulary's order, not the likeliest first: where two are about equally
        likely, logits that differ in the last digit then still lead to the same choice.
        """
        return int(drawn(logits, playable, self.temperature, self.top_p, self.top_k, uniform))


class Keyboard:
    """Which events a piano could take next: no key struck while down, none released while up, none held for ever.

    Velocities may not follow each other, so that a network cannot pass its time with them.
    """

    def __init__(
        self,
        patience_s: Callable[[], float] = lambda: math.inf,
        lengths: NoteLengths | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """
        Args:
            patience_s: asked after each note; so long without another, and once overdue keys are released, only a new
                note is playable.
            lengths: how long keys are held; None asks only that they are let go at all.
            rng: says when a key that is not let go is overdue.
        """
        self._lengths, self._rng = lengths, rng or np.random.default_rng(0)
        self.time_s = 0.0
        self._patience_s = patience_s
        self._latest_s = patience_s()
        self._struck_s: deque[float] = deque()
        self._down_since_s: dict[int, float] = {}
        self._overdue_s: dict[int, float] = {}
        self._allowed = np.zeros(VOCABULARY_SIZE, bool)
        self._allowed[NOTE_ON + LOWEST_PIANO_PITCH : NOTE_ON + HIGHEST_PIANO_PITCH + 1] = True
        self._allowed[TIME_SHIFT:PEDAL_UP] = True
        self._allowed[PEDAL_DOWN] = True

    def playable(self) -> NDArray[np.bool_]:
        """Mask [vocabulary]; at least one event is always playable."""
        overdue = [pitch for pitch, latest_s in self._overdue_s.items() if self.time_s > latest_s]
        if overdue:
            only = np.zeros(VOCABULARY_SIZE, bool)
            only[[NOTE_OFF + pitch for pitch in overdue]] = True
            return only
        mask = self._allowed.copy()
        if self._lengths is not None:
            earliest_s = self.time_s - self._lengths.shortest_s + STEP_S / 2
            mask[[NOTE_OFF + pitch for pitch, since_s in self._down_since_s.items() if since_s > earliest_s]] = False
        if self.time_s > self._latest_s and len(self._down_since_s) < MOST_KEYS_DOWN:
            mask[NOTE_OFF:VELOCITY] = False
            mask[PEDAL_UP:] = False
        if len(self._down_since_s) >= MOST_KEYS_DOWN:
            mask[NOTE_ON:NOTE_OFF] = False
        return mask

    def take(self, event: int) -> None:
        self._allowed[VELOCITY:PEDAL_UP] = not VELOCITY <= event < PEDAL_UP
        if TIME_SHIFT <= event < VELOCITY:
            self.time_s += (event - TIME_SHIFT + 1) * STEP_S
        elif event < NOTE_OFF:
            self._press(event)
        elif event < TIME_SHIFT:
            self._release(event - NOTE_OFF)
        elif event in (PEDAL_UP, PEDAL_DOWN):
            self._allowed[PEDAL_UP] = event == PEDAL_DOWN
            self._allowed[PEDAL_DOWN] = event == PEDAL_UP

    def _press(self, pitch: int) -> None:
        self._latest_s = self.time_s + self._patience_s()
        self._down_since_s[pitch] = self.time_s
        held_s = LONGEST_KEY_DOWN_S
        if self._lengths is not None:
            held_s = self._lengths.longest_s(self._rng.random(), self._notes_per_s())
        self._overdue_s[pitch] = self.time_s + held_s
        self._allowed[NOTE_ON + pitch] = False
        self._allowed[NOTE_OFF + pitch] = True

    def _notes_per_s(self) -> float:
        """The pace at which keys were struck lately, this one included."""
        self._struck_s.append(self.time_s)
        while self._struck_s[0] <= self.time_s - PACE_S:
            self._struck_s.popleft()
        return len(self._struck_s) / PACE_S

    def _release(self, pitch: int) -> None:
        self._down_since_s.pop(pitch, None)
        self._overdue_s.pop(pitch, None)
        self._allowed[NOTE_OFF + pitch] = False
        self._allowed[NOTE_ON + pitch] = LOWEST_PIANO_PITCH <= pitch <= HIGHEST_PIANO_PITCH

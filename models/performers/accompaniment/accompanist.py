"""A performer that accompanies: it hears a melody as if it had played it, and is asked for everything else.

Whenever the melody moves, its events are forced upon the network; between them the network chooses, as always, but may
not wait past the melody's next event nor strike keys above it. So the melody is kept note for note, and what goes with
it is what the network would play with this very melody. Conditions on pitch classes say in which harmony.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from models.performers.accompaniment.given_melody import GivenMelody
from models.performers.drawing.density_control import DensityControl
from models.performers.drawing.kernels.packed_products import Floats
from models.performers.drawing.note_lengths import NoteLengths
from models.performers.drawing.performer import LONGEST_DRAW_EVENTS, Conditioning, Stream
from models.performers.drawing.sampling import Choice, Keyboard
from models.performers.vocabulary.conditioning import asked, leaning
from models.performers.vocabulary.events import (
    NOTE_OFF,
    PEDAL_DOWN,
    PEDAL_UP,
    STEP_S,
    TIME_SHIFT,
    VELOCITY,
    bin_velocity,
    velocity_bin,
)

SOFTER: Final = 6
"""What goes with a melody is struck softer than it by this at least."""
SHARE_OF_DENSITY: Final = 0.8
"""Of the density that is asked for, so much is asked for beside the melody."""
BUSY_STEPS: Final = 100
BUSIEST: Final = 1.4
"""In so many steps of 10 ms no more keys are struck than so many times the density that is asked for: a condition alone
is overshot where a melody goes on above."""
MOST_STILL: Final = 24
"""After so many events at one moment time goes on: a network that may strike nothing plays with the pedal."""
_LENGTHS: Final = 2
_PATIENCE: Final = 3
"""Beside the seed: random numbers for how long keys are held and notes waited for are other ones than those that choose
events."""


class Accompanist(Protocol):
    """What a performer must offer, see `drawing.performer.Performer`."""

    name: str

    @property
    def lengths(self) -> NoteLengths | None: ...

    def begin(self, conditioning: Conditioning) -> tuple[Stream, Floats]: ...


def accompanied(performer: Accompanist, melody: Sequence[Note], seed: int, conditioning: Conditioning) -> Phrase:
    """The melody, every note as it is given, and what the performer plays with it; the same seed gives the same.

    Args:
        melody: with second 0 where it begins; not empty.
        conditioning: its density is that of the accompaniment, its pitch classes are the harmony, its length is the
            melody's.

    Raises:
        ValueError: the melody is empty.
    """
    if not melody:
        raise ValueError("an accompaniment needs a melody; it has no notes")
    given = GivenMelody(melody)
    span_s = max(given.end * STEP_S, 1.0)
    own = SHARE_OF_DENSITY * (conditioning.density_notes_per_s or len(given.notes) / span_s)
    told = replace(conditioning, density_notes_per_s=min(own + len(given.notes) / span_s, 12.0))
    playing = _Playing(performer, given, told, seed, own)
    return Phrase(sorted_notes([*given.notes, *playing.notes()]), tuple(playing.pedal), performer.name, seed)


class _Playing:
    """One drawing beneath a melody."""

    def __init__(
        self, performer: Accompanist, given: GivenMelody, conditioning: Conditioning, seed: int, own: float
    ) -> None:
        """`own` notes a second are asked for beside the melody: not many more, and no long wait for the next."""
        self._struck: deque[int] = deque(maxlen=max(2, round(BUSIEST * own * BUSY_STEPS * STEP_S)))
        self._given, self._histogram = given, conditioning.pitch_class_weights
        self._stream, self._logits = performer.begin(conditioning)
        self._lean = leaning(self._histogram)
        self._choice = Choice(conditioning.temperature, conditioning.top_p, conditioning.top_k)
        patience_s = DensityControl(max(own, 0.1), np.random.default_rng((seed, _PATIENCE))).patience_s
        self._keyboard = Keyboard(patience_s, performer.lengths, np.random.default_rng((seed, _LENGTHS)))
        self._pace = DensityControl(conditioning.density_notes_per_s or 2.0)
        self._uniform = np.random.default_rng(seed).random(LONGEST_DRAW_EVENTS)
        self._still = 0
        """Events since time went on."""
        self._step, self._loudness, self._melody_loudness = 0, 50, 64
        self._down: dict[int, tuple[int, int]] = {}
        self._played: list[Note] = []
        self._pedal_since: int | None = None
        self.pedal: list[PedalSpan] = []

    def notes(self) -> list[Note]:
        """Plays to the melody's end: what goes with it, all keys released there."""
        for uniform in self._uniform.tolist():
            self._force()
            if self._step >= self._given.end:
                break
            event = self._choice.event(self._logits + self._lean, self._playable(), uniform)
            self._take(event)
        for pitch in list(self._down):
            self._release(pitch)
        self._foot(None)
        return [note for note in self._played if note.duration_s > 0]

    def _force(self) -> None:
        """The melody's events that are due; a key that it strikes is released first where it is down."""
        for event in self._given.due(self._step):
            if event < NOTE_OFF:
                if event in self._down:
                    self._take(NOTE_OFF + event)
                self._pace.struck(self._step * STEP_S)
            elif VELOCITY <= event < PEDAL_UP:
                self._melody_loudness = bin_velocity(event - VELOCITY)
            self._logits = self._stream.take(event)

    def _playable(self) -> NDArray[np.bool_]:
        """What a piano could do now, but not past the melody's next event, nor above it, nor as loud."""
        mask = self._keyboard.playable().copy()
        longest = self._given.next_step - self._step
        mask[TIME_SHIFT + longest : VELOCITY] = False
        mask[:NOTE_OFF] &= self._given.free(self._step)
        if len(self._struck) == self._struck.maxlen and self._struck[0] > self._step - BUSY_STEPS:
            mask[:NOTE_OFF] = False
        softest = velocity_bin(max(self._melody_loudness - SOFTER, 1))
        mask[VELOCITY + softest + 1 : PEDAL_UP] = False
        if self._still >= MOST_STILL:
            mask[:] = False
            mask[TIME_SHIFT : min(TIME_SHIFT + longest, VELOCITY)] = True
        if not mask.any():
            mask[TIME_SHIFT + min(longest, 5) - 1] = True
        return mask

    def _take(self, event: int) -> None:
        self._keyboard.take(event)
        self._logits = self._stream.take(event)
        self._still = 0 if TIME_SHIFT <= event < VELOCITY else self._still + 1
        if event < NOTE_OFF:
            self._down[event] = self._step, min(self._loudness, max(self._melody_loudness - SOFTER, 1))
            self._pace.struck(self._step * STEP_S)
            self._struck.append(self._step)
        elif event < TIME_SHIFT:
            self._release(event - NOTE_OFF)
        elif event < VELOCITY:
            self._step += event - TIME_SHIFT + 1
            self._stream.ask(asked(self._pace.density_to_ask(self._step * STEP_S), self._histogram))
        elif event < PEDAL_UP:
            self._loudness = bin_velocity(event - VELOCITY)
        elif event in (PEDAL_UP, PEDAL_DOWN):
            self._foot(event == PEDAL_DOWN)

    def _release(self, pitch: int) -> None:
        since, velocity = self._down.pop(pitch)
        self._played.append(Note(round(since * STEP_S, 2), pitch, round((self._step - since) * STEP_S, 2), velocity))

    def _foot(self, down: bool | None) -> None:
        """The pedal goes down or up; None ends it."""
        if self._pedal_since is not None and not down and self._step > self._pedal_since:
            self.pedal.append(PedalSpan(self._pedal_since * STEP_S, self._step * STEP_S))
        if down and self._pedal_since is None:
            self._pedal_since = self._step
        elif not down:
            self._pedal_since = None

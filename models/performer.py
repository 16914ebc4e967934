"""A trained Performance RNN that plays: phrases from weights, drawn event by event, without torch.

Drawing in a compiled loop instead of torch starts a second sooner, takes a third of the memory and is about three
times faster for a single stream, which is all that a room needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from engine.notes import Note, Phrase
from models.drawing import Choice, Keyboard
from models.events import NOTE_OFF, START, TIME_SHIFT, VELOCITY, decode, encode
from models.lstm_kernel import Floats, Precision
from models.lstm_streams import GuidedStream, PackedNetwork
from models.pacing import Pace
from models.performance_wishes import CONDITION_SIZE, asked, leaning
from models.phrase_endings import musical_end
from models.weight_files import load_weights

LONGEST_DRAW_EVENTS = 12_000
"""A draw that has not filled its seconds by then is ended."""

PRIMER_EVENTS = 512
"""Of a longer primer only the last events are heard by the network."""


@dataclass(frozen=True)
class Wishes:
    """What is asked of a performer; see `engine.settings.PerformerSettings` for the ranges."""

    phrase_s: float = 20.0
    temperature: float = 0.95
    top_p: float = 0.97
    top_k: int = 0
    density_notes_per_s: float | None = None
    pitch_class_weights: tuple[float, ...] | None = None
    primer: tuple[Note, ...] = ()
    guidance: float = 2.0
    """How much further than the network would by itself it goes towards what is asked (1: not at all)."""


class PerformanceRnnPerformer:
    """Draws phrases; the same seed and wishes give the same phrase on any machine of the same kind."""

    def __init__(self, name: str, weights: Path, precision: Precision = "int8") -> None:
        """
        Raises:
            WeightsError: the file is missing, damaged, or has other shapes than this network.
        """
        arrays, self.about = load_weights(weights, "performance_rnn")
        self.name = name
        try:
            self._network = PackedNetwork.of(arrays, precision)
        except (KeyError, ValueError) as error:
            raise WeightsError(f"{weights}: does not fit a Performance RNN ({error}); train it again") from error

    def logits(self, events: Iterable[int], condition: Floats | None = None) -> Floats:
        """Logits [events x vocabulary] after each event, from the state before a piece; for tests and evaluation."""
        stream = GuidedStream(self._network, np.zeros(CONDITION_SIZE, np.float32) if condition is None else condition)
        return np.stack([stream.take(event).copy() for event in events])

    def draw_events(self, seed: int, wishes: Wishes, count: int) -> NDArray[np.int16]:
        """Exactly `count` events, marks of ends included, whatever they amount to."""
        return self._draw(seed, wishes, count, seconds=None)

    def draw(self, seed: int, wishes: Wishes) -> Phrase:
        """A phrase of about `wishes.phrase_s` seconds that ends where the music does; keys and pedal are released."""
        events = self._draw(seed, wishes, LONGEST_DRAW_EVENTS, seconds=wishes.phrase_s * 1.3)
        phrase = decode(events, self.name, seed)
        return musical_end(phrase, wishes.phrase_s)

    def _draw(self, seed: int, wishes: Wishes, count: int, seconds: float | None) -> NDArray[np.int16]:
        density, histogram = wishes.density_notes_per_s, wishes.pitch_class_weights
        stream = GuidedStream(self._network, asked(density, histogram), wishes.guidance)
        logits = stream.take(START)
        for event in encode(Phrase(wishes.primer))[-PRIMER_EVENTS:]:
            logits = stream.take(int(event))
        lean = leaning(histogram)
        choice = Choice(wishes.temperature, wishes.top_p, wishes.top_k)
        uniform = np.random.default_rng(seed).random(count)
        pace = None if density is None else Pace(density)
        keyboard = Keyboard() if pace is None else Keyboard(pace.patience_s)
        events = np.empty(count, np.int16)
        for i in range(count):
            event = choice.event(logits + lean, keyboard.playable(), float(uniform[i]))
            keyboard.take(event)
            events[i] = event
            if seconds is not None and keyboard.time_s >= seconds:
                return events[: i + 1]
            if pace is not None and event < NOTE_OFF:
                pace.struck(keyboard.time_s)
            elif pace is not None and TIME_SHIFT <= event < VELOCITY:
                stream.ask(asked(pace.wish(keyboard.time_s), histogram))
            logits = stream.take(event)
        return events

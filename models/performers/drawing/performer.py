"""A trained network that plays: phrases from weights of either kind, drawn event by event, without torch.

Drawing in a compiled loop instead of torch starts a second sooner, takes a third of the memory and is about three
times faster for a single stream, which is all that a room needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from engine.music.notes import Phrase
from models.common.weights import Arrays, open_weights
from models.performers.drawing.density_control import DensityControl
from models.performers.drawing.dequantising import Dequantiser
from models.performers.drawing.kernels.packed_products import Floats, Precision
from models.performers.drawing.lstm_streams import PackedRnn
from models.performers.drawing.note_lengths import NoteLengths
from models.performers.drawing.phrase_endings import musical_end
from models.performers.drawing.pointing import TO_RETURN, readier_beside, readier_to_point
from models.performers.drawing.sampling import Choice, Keyboard
from models.performers.drawing.transformer_streams import PackedTransformer
from models.performers.vocabulary.conditioning import CONDITION_SIZE, ask_density, asked, leaning
from models.performers.vocabulary.events import NOTE_OFF, START, TIME_SHIFT, VELOCITY, decode, encode

_LENGTHS: Final = 1
_PATIENCE: Final = 4
"""Beside the seed: random numbers for how long keys are held and waits last are other ones than those that choose
events."""

LONGEST_DRAW_EVENTS = 12_000
"""A draw that has not filled its seconds by then is ended."""


class Stream(Protocol):
    """A drawing under way."""

    def ask(self, condition: Floats) -> None:
        """Another condition vector [condition] from the next event on."""

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; the next call may change them."""


class Network(Protocol):
    """Packed weights of one kind."""

    @property
    def memory_events(self) -> int:
        """Of a longer primer only the last events are heard."""

    @property
    def usual_guidance(self) -> float:
        """Where the conditioning says nothing."""

    def readier(self, by: float) -> Network:
        """One that points back more readily, by so much of the sentinel's logit."""

    def stream(self, condition: Floats, guidance: float = 1.0) -> Stream:
        """A drawing from the beginning that is asked for `condition` [condition]; see `drawing.guidance`."""


KINDS: Final[Mapping[str, Callable[[Arrays, Precision], Network]]] = {
    "performance_rnn": PackedRnn.of,
    "piano_transformer": PackedTransformer.of,
}
"""By the name that stands in the header of the weights."""


@dataclass(frozen=True)
class Conditioning:
    """What is asked of a performer; see `engine.parameters.sound.PerformerSettings` for the ranges."""

    phrase_s: float = 20.0
    temperature: float = 0.95
    top_p: float = 0.97
    top_k: int = 0
    density_notes_per_s: float | None = None
    pitch_class_weights: tuple[float, ...] | None = None
    primer: Phrase = field(default_factory=lambda: Phrase(()))
    """What has been played before, and is continued."""
    returns: float | None = None
    """Share, 0..1, of the melody that should be the primer's; None leaves it to the network.

    The more is asked for, the more readily it points back. It is not told of this and the next by its condition: of
    those that come along none has learnt enough of either, and told of them it plays less like people (pitch and
    repetition, area under the curve: 0.83 untold, 0.97 and 0.89 told). What is drawn is chosen (see
    `drawing.rejection_sampling`) and steadied.
    """
    beat: float | None = None
    """How steady a beat, 0..1 (see `drawing.pulse_keeping`); None: as what it learnt, where a critic knows that."""
    guidance: float | None = None
    """How much further than the network would by itself it goes towards what is asked (1: not at all; None: as far as
    its kind needs to keep to the conditioning)."""


class Performer:
    """Draws phrases; the same seed and conditioning give the same phrase on any machine of the same kind."""

    def __init__(self, name: str, weights: Path, precision: Precision = "int8") -> None:
        """
        Raises:
            WeightsError: the file is missing, damaged, or has other shapes than this network.
        """
        arrays, self.about = open_weights(weights, *KINDS)
        self.name, self.kind = name, self.about["network"]
        self.lengths = NoteLengths.beside(weights)
        self._dequantiser = Dequantiser.beside(weights)
        arrays = readier_to_point(arrays, readier_beside(weights))
        try:
            self._network = KINDS[self.kind](arrays, precision)
        except (KeyError, ValueError) as error:
            raise WeightsError(f"{weights}: does not fit a {self.kind} ({error}); train it again") from error

    def logits(self, events: Iterable[int], condition: Floats | None = None) -> Floats:
        """Logits [events x vocabulary] after each event, from the state before a piece; for tests and evaluation."""
        stream = self._network.stream(np.zeros(CONDITION_SIZE, np.float32) if condition is None else condition)
        return np.stack([stream.take(event).copy() for event in events])

    def draw_events(self, seed: int, conditioning: Conditioning, count: int) -> NDArray[np.int16]:
        """Exactly `count` events, including marks of ends."""
        return self._draw(seed, conditioning, count, seconds=None)

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        """A phrase of about `conditioning.phrase_s` seconds that ends where the music does, with keys and pedal up."""
        events = self._draw(seed, conditioning, LONGEST_DRAW_EVENTS, seconds=conditioning.phrase_s * 1.3)
        phrase = decode(events, self.name, seed)
        if self._dequantiser is not None:
            phrase = self._dequantiser.applied(phrase, seed)
        return musical_end(phrase, conditioning.phrase_s)

    def begin(self, conditioning: Conditioning) -> tuple[Stream, Floats]:
        """A drawing under way, at the end of its primer, and the logits [vocabulary] of its first event."""
        guidance = self._network.usual_guidance if conditioning.guidance is None else conditioning.guidance
        asked_at_first = asked(conditioning.density_notes_per_s, conditioning.pitch_class_weights)
        stream = self._network.readier(TO_RETURN * (conditioning.returns or 0.0)).stream(asked_at_first, guidance)
        logits = stream.take(START)
        for event in encode(conditioning.primer)[-self._network.memory_events :]:
            logits = stream.take(int(event))
        return stream, logits

    def events(self, seed: int, conditioning: Conditioning, count: int, seconds: float | None = None) -> Iterator[int]:
        """At most `count` events, each drawn when it is asked for, and no more once they last `seconds`."""
        density, histogram = conditioning.density_notes_per_s, conditioning.pitch_class_weights
        stream, logits = self.begin(conditioning)
        wish, lean = asked(density, histogram), leaning(histogram)
        choice = Choice(conditioning.temperature, conditioning.top_p, conditioning.top_k)
        uniform = np.random.default_rng(seed).random(count)
        pace = None if density is None else DensityControl(density, np.random.default_rng((seed, _PATIENCE)))
        patience_s = (lambda: math.inf) if pace is None else pace.patience_s
        keyboard = Keyboard(patience_s, self.lengths, np.random.default_rng((seed, _LENGTHS)))
        for chance in uniform:
            event = choice.event(logits + lean, keyboard.playable(), float(chance))
            keyboard.take(event)
            yield event
            if seconds is not None and keyboard.time_s >= seconds:
                return
            if pace is not None and event < NOTE_OFF:
                pace.struck(keyboard.time_s)
            elif pace is not None and TIME_SHIFT <= event < VELOCITY:
                ask_density(wish, pace.density_to_ask(keyboard.time_s))
                stream.ask(wish)
            logits = stream.take(event)

    def _draw(self, seed: int, conditioning: Conditioning, count: int, seconds: float | None) -> NDArray[np.int16]:
        return np.fromiter(self.events(seed, conditioning, count, seconds), np.int16)

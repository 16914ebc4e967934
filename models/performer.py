"""A trained Performance RNN that plays: phrases from weights, drawn event by event, without torch.

Drawing in a compiled loop instead of torch starts a second sooner, takes a third of the memory and is about three
times faster for a single stream, which is all that a room needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from engine.notes import Note, Phrase
from models.drawing import Choice, Keyboard
from models.events import START, VOCABULARY_SIZE, decode, encode
from models.lstm_kernel import Floats, Precision, packed, step
from models.performance_wishes import CONDITION_SIZE, asked
from models.phrase_endings import musical_end
from models.weight_files import Arrays, load_weights

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
    guidance: float = 2.5
    """How much further than the network would by itself it goes towards what is asked (1: not at all)."""


class PackedNetwork(NamedTuple):
    """Weights as the compiled step wants them; `condition` [condition x 4H] turns a condition vector into gates."""

    condition: Floats
    table: Floats
    layers: tuple[NDArray[np.generic], ...]

    @classmethod
    def of(cls, arrays: Arrays, precision: Precision) -> PackedNetwork:
        """Raises KeyError or ValueError when the arrays are not those of a Performance RNN."""
        count = sum(name.startswith("lstm.weight_hh") for name in arrays)
        first = arrays["lstm.weight_ih_l0"]
        bias = np.stack([arrays[f"lstm.bias_ih_l{i}"] + arrays[f"lstm.bias_hh_l{i}"] for i in range(count)])
        if len(arrays["embedding.weight"]) != VOCABULARY_SIZE or arrays["condition.weight"].shape[1] != CONDITION_SIZE:
            raise ValueError("another vocabulary or other conditions")
        inner = [packed(arrays[f"lstm.weight_hh_l{i}"], precision) for i in range(count)]
        outer = [packed(arrays[f"lstm.weight_ih_l{i}"], precision) for i in range(1, count)]
        between = [np.stack(part) for part in (*zip(*inner, strict=True), *zip(*outer, strict=True))]
        head = packed(arrays["head.weight"], precision)
        return cls(
            np.ascontiguousarray(arrays["condition.weight"].T @ first.T),
            np.ascontiguousarray(arrays["embedding.weight"] @ first.T + bias[0]),
            (*between, bias, *head, arrays["head.bias"]),
        )

    @property
    def state_shape(self) -> tuple[int, int]:
        """[layers x hidden]"""
        recurrent = self.layers[0]
        return recurrent.shape[0], recurrent.shape[2]


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
        stream = _Stream(self._network, np.zeros(CONDITION_SIZE, np.float32) if condition is None else condition)
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
        condition = asked(wishes.density_notes_per_s, wishes.pitch_class_weights)
        stream = _Guided(self._network, condition, wishes.guidance)
        logits = stream.take(START)
        for event in encode(Phrase(wishes.primer))[-PRIMER_EVENTS:]:
            logits = stream.take(int(event))
        choice = Choice(wishes.temperature, wishes.top_p, wishes.top_k)
        uniform = np.random.default_rng(seed).random(count)
        keyboard = Keyboard()
        events = np.empty(count, np.int16)
        for i in range(count):
            event = choice.event(logits, keyboard.playable(), float(uniform[i]))
            keyboard.take(event)
            events[i] = event
            if seconds is not None and keyboard.time_s >= seconds:
                return events[: i + 1]
            logits = stream.take(event)
        return events


class _Stream:
    """Hidden state of one drawing."""

    def __init__(self, network: PackedNetwork, condition: Floats) -> None:
        self._network = network
        self._wish = condition @ network.condition
        self._hidden = np.zeros(network.state_shape, np.float32)
        self._cell = np.zeros(network.state_shape, np.float32)
        self._logits = np.zeros(VOCABULARY_SIZE, np.float32)

    def take(self, event: int) -> Floats:
        """Logits [vocabulary] of what follows `event`; a view that the next call changes."""
        network = self._network
        step(  # type: ignore[call-arg]  # numba is not annotated
            event,
            self._wish,
            network.table,
            *network.layers,  # type: ignore[arg-type]
            self._hidden,
            self._cell,
            self._logits,
        )
        return self._logits


class _Guided:
    """Two drawings side by side, with and without the wish: the difference, enlarged, is the way to what is asked.

    Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598). Training left wishes out often enough for the
    network to know both. Nothing asked, or no guidance: a single stream at twice the speed.
    """

    def __init__(self, network: PackedNetwork, condition: Floats, guidance: float) -> None:
        self._asked = _Stream(network, condition)
        self._free = _Stream(network, np.zeros_like(condition)) if guidance != 1.0 and condition.any() else None
        self._guidance = np.float32(guidance)

    def take(self, event: int) -> Floats:
        asked = self._asked.take(event)
        if self._free is None:
            return asked
        free = self._free.take(event)
        return free + self._guidance * (asked - free)

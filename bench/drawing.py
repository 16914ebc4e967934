"""What the benches of both networks that play have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.measurement import Measurement, median
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.sampling import Choice
from models.performers.vocabulary.events import START

READS = 100
MOST_LOST = 0.005
"""Of what is left open."""
COMPARED_SEEDS = 4
COMPARED_EVENTS = 300
MOOD = Conditioning(
    density_notes_per_s=2.5, pitch_class_weights=(1, 0.1, 0.5, 0.1, 0.75, 0.5, 0.1, 0.85, 0.1, 0.5, 0.1, 0.5)
)
"""What a room asks for: a density and a scale, so two streams are drawn side by side."""


@dataclass(frozen=True)
class Int8Cost:
    """What weights of eight bits cost, along what float32 weights play.

    `kl_nats` is the divergence per event, `entropy_nats` what float32 itself leaves open; `same` is the share of events
    on which both decide alike with the same random numbers, `same_by_chance` that of float32 with other numbers.
    """

    kl_nats: float
    entropy_nats: float
    same: float
    same_by_chance: float


def events_per_s(draw: Callable[[], object], events: int) -> float:
    """Of a drawing of so many events, in processor time."""
    return events / spent_s(draw)


def spent_s(draw: Callable[[], object]) -> float:
    """Processor seconds, the median of some repetitions; what must be compiled or read is so beforehand."""
    return median(lambda: once_s(draw))


def once_s(draw: Callable[[], object]) -> float:
    start_s = time.process_time()
    draw()
    return time.process_time() - start_s


def reads_per_s(size_bytes: int) -> float:
    """How often a second so many bytes can be read at all, by looking for the largest in them."""
    block = np.ones(size_bytes // 8, np.int64)
    return events_per_s(lambda: [block.max() for _ in range(READS)], READS)


def cost_of_int8(small: Performer, whole: Performer) -> Int8Cost:
    """Measured along drawings of the float32 weights with nothing asked."""
    divergences, entropies, same, by_chance = [], [], [], []
    every = np.ones(whole.logits([START]).shape[-1], bool)
    choice = Choice()
    for seed in range(COMPARED_SEEDS):
        events = [START, *whole.draw_events(seed, Conditioning(temperature=1.0, top_p=1.0), COMPARED_EVENTS).tolist()]
        p, q = (_log_softmax(performer.logits(events)) for performer in (whole, small))
        divergences.append((np.exp(p) * (p - q)).sum(axis=1))
        entropies.append(-(np.exp(p) * p).sum(axis=1))
        for exact, rounded, (own, other) in zip(
            p, q, np.random.default_rng(seed).random((len(events), 2)), strict=True
        ):
            event = choice.event(exact, every, own)
            same.append(choice.event(rounded, every, own) == event)
            by_chance.append(choice.event(exact, every, other) == event)
    return Int8Cost(*(float(np.mean(found)) for found in (divergences, entropies, same, by_chance)))


def rows_of_int8(name: str, cost: Int8Cost) -> dict[str, Measurement]:
    """The rows that tell of it."""
    kl = Measurement(cost.kl_nats, "nats/event", cost.entropy_nats, "entropy of an event", at_most=MOST_LOST)
    same = Measurement(cost.same, "of events", cost.same_by_chance, "with other random numbers", at_least=1.0)
    return {f"{name}_int8_kl_nats": kl, f"{name}_int8_same_events": same}


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    above = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return above - np.log(np.exp(above).sum(axis=1, keepdims=True))

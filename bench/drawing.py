"""What the benches of both networks that play have in common."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.sampling import Choice
from models.performers.vocabulary.events import START

READS = 100
REPEATS = 5
COMPARED_SEEDS = 10
COMPARED_EVENTS = 300
MOOD = Conditioning(
    density_notes_per_s=2.5, pitch_class_weights=(1, 0.1, 0.5, 0.1, 0.75, 0.5, 0.1, 0.85, 0.1, 0.5, 0.1, 0.5)
)
"""What a room asks for: a density and a scale, so two streams are drawn side by side."""


def events_per_s(draw: Callable[[], object], events: int) -> float:
    """Of a drawing of so many events, in processor time; the best of some repeats."""
    return events / shortest_s(draw)


def shortest_s(draw: Callable[[], object]) -> float:
    """Processor seconds, the best of some repeats."""
    draw()  # compiled, and in the cache
    taken_s = []
    for _ in range(REPEATS):
        start_s = time.process_time()
        draw()
        taken_s.append(time.process_time() - start_s)
    return min(taken_s)


def reads_per_s(size_bytes: int) -> float:
    """How often a second so many bytes can be read at all, by looking for the largest in them."""
    block = np.ones(size_bytes // 8, np.int64)
    return events_per_s(lambda: [block.max() for _ in range(READS)], READS)


def cost_of_int8(small: Performer, whole: Performer) -> tuple[float, float]:
    """KL divergence from float32 to int8 weights in nats per event, along what float32 weights play, and the share of
    events on which both decide alike there with the same random numbers."""
    divergences, alike = [], []
    every = np.ones(whole.logits([START]).shape[-1], bool)
    choice = Choice()
    for seed in range(COMPARED_SEEDS):
        events = [START, *whole.draw_events(seed, Conditioning(temperature=1.0, top_p=1.0), COMPARED_EVENTS).tolist()]
        exact, rounded = whole.logits(events), small.logits(events)
        p, q = (_log_softmax(logits) for logits in (exact, rounded))
        divergences.append((np.exp(p) * (p - q)).sum(axis=1))
        uniforms = np.random.default_rng(seed).random(len(events))
        decided = zip(p, q, uniforms, strict=True)
        alike += [choice.event(a, every, u) == choice.event(b, every, u) for a, b, u in decided]
    return float(np.mean(divergences)), float(np.mean(alike))


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    above = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return above - np.log(np.exp(above).sum(axis=1, keepdims=True))

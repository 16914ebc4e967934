"""The Performance RNN on one core: events drawn a second, what reading the weights allows, and what int8 costs.

Processor time is measured, so that what else runs on the machine matters less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from bench.measurement import Measurement
from models.drawing import Choice
from models.events import START
from models.lstm_streams import PackedNetwork
from models.performance_rnn import PerformanceRnn
from models.performer import PerformanceRnnPerformer, Wishes
from models.training import new_network
from models.weight_files import load_weights, weights_path

EVENTS = 3_000
TORCH_EVENTS = 300
READS = 100
REPEATS = 5
COMPARED_SEEDS = 10
COMPARED_EVENTS = 300
PERFORMER = "satie"
MOOD = Wishes(density_notes_per_s=2.5, pitch_class_weights=(1, 0.1, 0.5, 0.1, 0.75, 0.5, 0.1, 0.85, 0.1, 0.5, 0.1, 0.5))
"""What a room asks for: a density and a scale, so two streams are drawn side by side."""


def measure() -> dict[str, Measurement]:
    weights = weights_path(PERFORMER)
    performer = PerformanceRnnPerformer(PERFORMER, weights)
    kl, same = _cost_of_int8(performer, PerformanceRnnPerformer(PERFORMER, weights, "float32"))
    alone = _events_per_s(lambda: performer.draw_events(1, Wishes(), EVENTS))
    limit = _reads_per_s(weights)
    return {
        "performance_rnn_events_per_s": Measurement(
            alone, "events/s", limit=2000.0, better="more", reference=limit, reference_is="reading the weights"
        ),
        "performance_rnn_guided_events_per_s": Measurement(
            _events_per_s(lambda: performer.draw_events(1, MOOD, EVENTS)),
            "events/s",
            reference=alone,
            reference_is="unguided",
        ),
        "performance_rnn_torch_events_per_s": Measurement(_torch_events_per_s(weights), "events/s"),
        "performance_rnn_int8_kl_nats": Measurement(kl, "nats/event", limit=0.005),
        "performance_rnn_int8_same_events": Measurement(same, "ratio"),
    }


def _events_per_s(draw: Callable[[], object], events: int = EVENTS) -> float:
    draw()  # compiled, and in the cache
    taken_s = []
    for _ in range(REPEATS):
        start_s = time.process_time()
        draw()
        taken_s.append(time.process_time() - start_s)
    return events / min(taken_s)


def _reads_per_s(weights: Path) -> float:
    """How often a second the bytes of one event can be read at all, by looking for the largest of as many."""
    network = PackedNetwork.of(load_weights(weights, "performance_rnn")[0], "int8")
    block = np.ones(sum(array.nbytes for array in network.layers) // 8, np.int64)
    return _events_per_s(lambda: [block.max() for _ in range(READS)], READS)


def _torch_events_per_s(weights: Path) -> float:
    """The same network and choice through torch, one event at a time on one thread."""
    network: PerformanceRnn = new_network(weights, threads=1).eval()
    condition = torch.zeros(1, 1, network.sizes.condition)
    event, state = torch.tensor([[START]]), None
    start_s = time.process_time()
    with torch.inference_mode():
        for _ in range(TORCH_EVENTS):
            logits, state = network(event, condition, state)
            event = torch.multinomial(torch.softmax(logits[0, -1], -1), 1)[None]
    return TORCH_EVENTS / (time.process_time() - start_s)


def _cost_of_int8(small: PerformanceRnnPerformer, whole: PerformanceRnnPerformer) -> tuple[float, float]:
    """KL divergence from float32 to int8 weights in nats per event, along what float32 weights play, and the share of
    events on which both decide alike there with the same random numbers."""
    divergences, alike = [], []
    every = np.ones(whole.logits([START]).shape[-1], bool)
    choice = Choice()
    for seed in range(COMPARED_SEEDS):
        events = [START, *whole.draw_events(seed, Wishes(temperature=1.0, top_p=1.0), COMPARED_EVENTS).tolist()]
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

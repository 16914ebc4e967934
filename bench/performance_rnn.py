"""`performance_rnn_events_per_s`: one stream on one core, against a plain torch loop and the memory's own limit."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch

from bench.measurement import Measurement
from models.events import START
from models.performance_rnn import PerformanceRnn
from models.performer import PerformanceRnnPerformer, Wishes
from models.training import new_network
from models.weight_files import weights_path

EVENTS = 3_000
TORCH_EVENTS = 300
PERFORMER = "satie"


def measure() -> dict[str, Measurement]:
    weights = weights_path(PERFORMER)
    performer = PerformanceRnnPerformer(PERFORMER, weights)
    performer.draw_events(1, Wishes(), 50)  # compiled, and in the cache
    start = time.perf_counter()
    performer.draw_events(1, Wishes(), EVENTS)
    drawn = EVENTS / (time.perf_counter() - start)
    return {
        "performance_rnn_events_per_s": Measurement(
            drawn, "events/s", limit=2000.0, better="more", reference=_torch_events_per_s(weights), reference_is="torch"
        ),
        "performance_rnn_memory_limit_events_per_s": Measurement(_memory_limit(), "events/s"),
    }


def _torch_events_per_s(weights: Path) -> float:
    """The same network and choice through torch, one event at a time on one thread."""
    network: PerformanceRnn = new_network(weights, threads=1).eval()
    condition = torch.zeros(1, 1, network.sizes.condition)
    event, state = torch.tensor([[START]]), None
    start = time.perf_counter()
    with torch.inference_mode():
        for _ in range(TORCH_EVENTS):
            logits, state = network(event, condition, state)
            event = torch.multinomial(torch.softmax(logits[0, -1], -1), 1)[None]
    return TORCH_EVENTS / (time.perf_counter() - start)


def _memory_limit() -> float:
    """How often a second as many bytes as one event needs (int8 weights) can be read at all, by a plain sum."""
    weights = np.ones(5 * 2048 * 512 // 8, np.int64)
    weights.sum()
    start = time.perf_counter()
    for _ in range(50):
        weights.sum()
    return 50 / (time.perf_counter() - start)

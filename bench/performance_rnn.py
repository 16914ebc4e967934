"""The Performance RNN on one core: events drawn a second, what reading the weights allows, and what int8 costs.

Processor time is measured, so that what else runs on the machine matters less.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch

from bench.drawing import MOOD, cost_of_int8, events_per_s, reads_per_s, rows_of_int8
from bench.measurement import Measurement
from models.common.weights import load_weights, weights_path
from models.performers.drawing.lstm_streams import PackedRnn
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.networks.performance_rnn import PerformanceRnn
from models.performers.training.kinds import new_network
from models.performers.vocabulary.events import START

EVENTS = 1_000
TORCH_EVENTS = 200
PERFORMER = "satie"


def measure() -> dict[str, Measurement]:
    weights = weights_path(PERFORMER)
    performer = Performer(PERFORMER, weights)
    performer.draw_events(1, MOOD, 2)  # compiled, and in the cache
    alone = events_per_s(lambda: performer.draw_events(1, Conditioning(), EVENTS), EVENTS)
    guided = events_per_s(lambda: performer.draw_events(1, MOOD, EVENTS), EVENTS)
    unit = "events/s"
    return {
        "performance_rnn_events_per_s": Measurement(
            alone, unit, _reads_per_s(weights), "reading the weights allows", at_least=0.6
        ),
        "performance_rnn_guided_events_per_s": Measurement(guided, unit, alone, "unguided", at_least=0.5),
        "performance_rnn_torch_events_per_s": Measurement(
            _torch_events_per_s(weights), unit, alone, "the compiled loop", at_most=1.0
        ),
        **rows_of_int8("performance_rnn", cost_of_int8(performer, Performer(PERFORMER, weights, "float32"))),
    }


def _reads_per_s(weights: Path) -> float:
    """How often a second the bytes of one event can be read at all, by looking for the largest of as many."""
    network = PackedRnn.of(load_weights(weights, "performance_rnn")[0], "int8")
    *own, _, pointer = network.weights[1:]  # of what is heard of events one row is read
    return reads_per_s(sum(array.nbytes for array in (*own, *pointer)))


def _torch_events_per_s(weights: Path) -> float:
    """The same network and choice through torch, one event at a time on one thread."""
    network: PerformanceRnn = new_network("performance_rnn", weights, threads=1).eval()
    condition = torch.zeros(1, 1, network.sizes.condition)
    event, state = torch.tensor([[START]]), None
    start_s = time.process_time()
    with torch.inference_mode():
        for _ in range(TORCH_EVENTS):
            logits, state = network(event, condition, state)
            event = torch.multinomial(torch.softmax(logits[0, -1], -1), 1)[None]
    return TORCH_EVENTS / (time.process_time() - start_s)

"""The Piano Transformer on one core, with its memory full: events drawn a second, and what int8 costs.

Processor time is measured, so that what else runs on the machine matters less.
"""

from __future__ import annotations

import time
from collections import deque
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from bench.drawing import MOOD, cost_of_int8, events_per_s, once_s, rows_of_int8
from bench.measurement import Measurement
from models.common.weights import load_weights, weights_path
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.transformer_streams import PackedTransformer
from models.performers.networks.piano_transformer import PianoTransformer, Window
from models.performers.networks.transformer_sizes import PianoTransformerSizes
from models.performers.networks.window_streams import window
from models.performers.training.kinds import new_network
from models.performers.vocabulary.events import START, TIME_SHIFT

MEMORY = PianoTransformerSizes().memory_events
EVENTS = 1_000
TURN = 20
"""Few milliseconds: less than the system lets a process run at a time."""
FIRST = 500
TORCH_EVENTS = 50
PERFORMER = "satie_transformer"


def measure() -> dict[str, Measurement]:
    weights = weights_path(PERFORMER)
    performer = Performer(PERFORMER, weights)
    performer.draw_events(1, MOOD, 2)  # compiled, and in the cache
    first = events_per_s(lambda: performer.draw_events(1, Conditioning(), FIRST), FIRST)
    (alone, reads), (guided, _) = (_remembering_per_s(performer, wish, weights) for wish in (Conditioning(), MOOD))
    unit = "events/s"
    return {
        "piano_transformer_events_per_s": Measurement(
            alone, unit, reads, "reading weights, memory allows", at_least=0.5
        ),
        "piano_transformer_first_events_per_s": Measurement(first, unit, alone, "its memory full", at_least=1.0),
        "piano_transformer_guided_events_per_s": Measurement(guided, unit, alone, "unguided", at_least=0.5),
        "piano_transformer_torch_events_per_s": Measurement(
            _torch_events_per_s(weights), unit, alone, "the compiled loop", at_most=1.0
        ),
        **rows_of_int8("piano_transformer", cost_of_int8(performer, Performer(PERFORMER, weights, "float32"))),
    }


def _remembering_per_s(performer: Performer, conditioning: Conditioning, weights: Path) -> tuple[float, float]:
    """Events a second once a whole memory has been drawn, so that each looks back at as many as it ever does.

    And how often what one of them needs can be read: in turns, so that what else runs here is the same for both.
    """
    events = performer.events(1, conditioning, MEMORY + EVENTS)
    deque(islice(events, MEMORY), maxlen=0)
    block = np.ones(_event_bytes(weights) // 8, np.int64)
    turns = []
    for _ in range(EVENTS // TURN):
        drawing_s = once_s(lambda: deque(islice(events, TURN), maxlen=0))
        turns.append((drawing_s, once_s(lambda: [block.max() for _ in range(TURN)])))
    drawing_s, reading_s = np.median(turns, axis=0)
    return TURN / drawing_s, TURN / reading_s


def _event_bytes(weights: Path) -> int:
    """Of the weights (int8) and the keys and values (float32) that one event needs."""
    network = PackedTransformer.of(load_weights(weights, "piano_transformer")[0], "int8")
    _, *products, _ = network.weights
    sizes = network.sizes
    slots = sum(sizes.reach(layer) for layer in range(sizes.layers))
    return sum(array.nbytes for array in products) + slots * 2 * sizes.groups * sizes.head * 4


def _torch_events_per_s(weights: Path) -> float:
    """The same network through torch, one event at a time on one thread, its memory full and its past kept."""
    network: PianoTransformer = new_network("piano_transformer", weights, threads=1).eval()
    events = torch.full((MEMORY + TORCH_EVENTS + 1,), TIME_SHIFT).short().numpy()
    events[0] = START
    past = network.nothing_read()
    with torch.inference_mode():
        network(Window.of(window(events, None, 0, MEMORY)), past)
        start_s = time.process_time()
        for position in range(MEMORY, MEMORY + TORCH_EVENTS):
            network(Window.of(window(events, None, position, 1)), past)
    return TORCH_EVENTS / (time.process_time() - start_s)

"""Guided drawing: two streams that share each weight are what they would be one by one."""

import numpy as np
import pytest

from models.performers.drawing.lstm_streams import PackedRnn, RnnStream
from models.performers.vocabulary.conditioning import CONDITION_SIZE, asked
from models.performers.vocabulary.events import NOTE_ON, START, TIME_SHIFT, VELOCITY, VOCABULARY_SIZE

EVENTS = [START, VELOCITY + 16, NOTE_ON + 60, TIME_SHIFT + 40, NOTE_ON + 64, TIME_SHIFT + 99]
SIZE, LAYERS = 32, 2


@pytest.fixture(scope="module")
def network() -> PackedRnn:
    rng = np.random.default_rng(2)
    shapes = {
        "embedding.weight": (VOCABULARY_SIZE, SIZE),
        "condition.weight": (SIZE, CONDITION_SIZE),
        "head.weight": (VOCABULARY_SIZE, SIZE),
        "head.bias": (VOCABULARY_SIZE,),
    }
    for layer in range(LAYERS):
        shapes |= {f"lstm.weight_{kind}_l{layer}": (4 * SIZE, SIZE) for kind in ("ih", "hh")}
        shapes |= {f"lstm.bias_{kind}_l{layer}": (4 * SIZE,) for kind in ("ih", "hh")}
    arrays = {name: rng.normal(0.0, 0.4, shape).astype(np.float32) for name, shape in shapes.items()}
    return PackedRnn.of(arrays, "float32")


def logits(network: PackedRnn, condition: np.ndarray, guidance: float = 1.0) -> np.ndarray:
    stream = RnnStream(network, condition, guidance)
    return np.stack([stream.take(event).copy() for event in EVENTS])


def test_guidance_goes_on_from_without_the_wish_through_with_it(network: PackedRnn) -> None:
    condition = asked(2.0, [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
    asked_for, free = logits(network, condition), logits(network, np.zeros_like(condition))
    assert np.abs(asked_for - free).max() > 0.1
    assert np.allclose(logits(network, condition, 2.5), free + 2.5 * (asked_for - free), atol=1e-4)


def test_nothing_asked_is_played_freely(network: PackedRnn) -> None:
    nothing = np.zeros(CONDITION_SIZE, np.float32)
    assert np.array_equal(logits(network, nothing, 2.5), logits(network, nothing))

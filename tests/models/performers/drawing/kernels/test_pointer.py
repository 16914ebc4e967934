"""The compiled pointer, event by event, says what torch's says of all events at once."""

import numpy as np
import pytest
import torch

from models.performers.drawing.kernels.pointer import PointerMemory, PointerWeights, point
from models.performers.networks.pointer import Pointer, PointerPast
from models.performers.vocabulary.events import VOCABULARY_SIZE

WIDTH, LENGTH = 12, 44


@pytest.mark.parametrize("slots", [16, 64])
def test_it_points_as_the_network_that_learnt(slots: int) -> None:
    torch.manual_seed(2)
    rng = np.random.default_rng(2)
    pointer = Pointer(WIDTH)
    pointer.bias.data.fill_(6.0)
    pointer.momentum.data.fill_(0.4)
    pointer.sink.data.normal_(0.0, 0.3)
    hidden = np.tile(rng.normal(size=(LENGTH // 2, 2 * WIDTH)), (2, 1)).astype(np.float32)
    events = np.tile(rng.integers(0, VOCABULARY_SIZE, LENGTH // 2), 2)
    logits = rng.normal(size=(LENGTH, VOCABULARY_SIZE)).astype(np.float32)
    parts = [torch.from_numpy(part)[None] for part in (hidden[:, :WIDTH], hidden[:, WIDTH:], events, logits)]
    with torch.no_grad():
        expected = pointer(*parts, slots, PointerPast())[0].numpy()
    arrays = {f"pointer.{name}": tensor.numpy() for name, tensor in pointer.state_dict().items()}
    weights, memory = PointerWeights.of(arrays, WIDTH), PointerMemory.empty(1, slots)
    for position in range(LENGTH):
        point(int(events[position]), position, hidden[position : position + 1], weights, memory, logits[position, None])
    assert np.abs(logits - expected).max() < 2e-3
    assert np.abs(logits - expected).mean() < 1e-4


def test_weights_without_a_pointer_leave_the_guess_as_it_is() -> None:
    weights, memory = PointerWeights.of({}, WIDTH), PointerMemory.empty(2, 8)
    logits = np.ones((2, VOCABULARY_SIZE), np.float32)
    point(5, 0, np.ones((2, 2 * WIDTH), np.float32), weights, memory, logits)
    assert (logits == 1.0).all()

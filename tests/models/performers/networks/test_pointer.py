"""The pointer: it finds what followed playing like the present, within its reach, in one pass or in several."""

import numpy as np
import pytest
import torch
from torch import Tensor

from models.performers.networks.pointer import Pointer, PointerPast
from models.performers.vocabulary.events import VOCABULARY_SIZE

WIDTH = 24
LENGTH = 60


@pytest.fixture
def pointer() -> Pointer:
    torch.manual_seed(3)
    made = Pointer(WIDTH, 16)
    made.bias.data.fill_(12.0)
    return made


def heard(seed: int = 1) -> tuple[Tensor, Tensor]:
    """What one passage of 30 events, played twice, looks like inside a network [1 x 60 x width], and its events."""
    rng = np.random.default_rng(seed)
    inside = np.tile(rng.normal(size=(1, LENGTH // 2, WIDTH)), (1, 2, 1)).astype(np.float32)
    events = np.tile(rng.integers(0, VOCABULARY_SIZE, (1, LENGTH // 2)), (1, 2))
    return torch.from_numpy(inside), torch.from_numpy(events)


def probabilities(pointer: Pointer, seed: int = 1, reach: int = 1_000, parts: int = 1) -> Tensor:
    """Of each following event [60 x vocabulary], by a network that takes all for as likely."""
    inside, events = heard(seed)
    past, guess = PointerPast(), torch.zeros(1, LENGTH, VOCABULARY_SIZE)
    with torch.no_grad():
        pieces = [
            pointer(x, x, e, g, reach, past)
            for x, e, g in zip(inside.chunk(parts, 1), events.chunk(parts, 1), guess.chunk(parts, 1), strict=True)
        ]
    return torch.cat(pieces, 1)[0].exp()


def test_a_passage_that_returns_is_known_and_a_new_one_is_not(pointer: Pointer) -> None:
    found, events = probabilities(pointer), heard()[1][0]
    following = found[torch.arange(LENGTH - 1), events[1:]]
    assert following[:28].max() < 0.05
    assert following[36:].min() > 0.9
    assert torch.allclose(found.sum(-1), torch.ones(LENGTH), atol=1e-4)


def test_what_lies_beyond_its_reach_is_forgotten(pointer: Pointer) -> None:
    events = heard()[1][0]
    following = probabilities(pointer, reach=20)[torch.arange(LENGTH - 1), events[1:]]
    assert following.max() < 0.05


@pytest.mark.parametrize("reach", [20, 35, 1_000])
def test_in_several_passes_it_points_as_in_one(pointer: Pointer, reach: int) -> None:
    assert torch.allclose(probabilities(pointer, reach=reach), probabilities(pointer, 1, reach, 10), atol=1e-4)


def test_one_likeness_is_chance_and_many_in_a_row_are_a_return(pointer: Pointer) -> None:
    pointer.momentum.data.zero_()
    events = heard()[1][0]
    following = probabilities(pointer)[torch.arange(LENGTH - 1), events[1:]]
    assert following.max() < 0.05

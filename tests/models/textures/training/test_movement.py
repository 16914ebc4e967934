"""Movement of levels: more of it is found where there is more, apart for what is loud and what is quiet."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.textures.spectral.bands import BANDS
from models.textures.training.movement import Moments, MovementMatch

FRAMES = 128
STYLE = torch.zeros(8, dtype=torch.long)


def wavering(quiet: float, loud: float, seed: int = 1) -> Tensor:
    """Levels [8 x 2 x FRAMES x BANDS], quiet below and loud above, each wavering so much."""
    chance = torch.randn(8, 2, FRAMES, BANDS, generator=torch.Generator().manual_seed(seed))
    half = BANDS // 2
    return torch.cat([-1.0 + quiet * chance[..., :half], 1.0 + loud * chance[..., half:]], dim=3)


@pytest.fixture(scope="module")
def real() -> Moments:
    found = Moments(1, torch.device("cpu"))
    for seed in range(4):
        found.add(wavering(0.2, 0.02, seed), STYLE)
    return found


def missed(real: Moments, levels: Tensor) -> float:
    return float(MovementMatch(real)(levels, STYLE))


def test_levels_that_move_as_real_ones_do_miss_nothing(real: Moments) -> None:
    same = missed(real, wavering(0.2, 0.02, seed=9))
    assert missed(real, wavering(0.1, 0.02)) > 10.0 * same  # too still
    assert missed(real, wavering(0.2, 0.2)) > 10.0 * same  # tones that waver
    assert missed(real, wavering(0.02, 0.2)) > 10.0 * same  # as much in all, but in the wrong places


def test_it_teaches_still_levels_to_move(real: Moments) -> None:
    amount = torch.tensor(0.05, requires_grad=True)
    chance = torch.randn(8, 2, FRAMES, BANDS // 2, generator=torch.Generator().manual_seed(3))
    still = wavering(0.2, 0.02)[..., BANDS // 2 :]
    MovementMatch(real)(torch.cat([-1.0 + amount * chance, still], dim=3), STYLE).backward()
    assert amount.grad is not None
    assert amount.grad < 0


def test_what_was_drawn_before_is_remembered(real: Moments) -> None:
    own = MovementMatch(real)
    first = float(own(wavering(0.4, 0.02), STYLE))
    for seed in range(20):
        last = float(own(wavering(0.2, 0.02, seed), STYLE))
    second = float(own(wavering(0.4, 0.02), STYLE))
    assert last < second < first  # one batch among many counts for a tenth

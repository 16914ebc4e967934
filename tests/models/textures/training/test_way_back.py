"""What the codec's way back is judged by: movement that is too much or too little, wherever it is."""

from __future__ import annotations

import torch

from models.textures.training.codec import unrest_miss

FRAMES = 128


def moving(deviation: float, seed: int) -> torch.Tensor:
    """Levels [2 x 2 x FRAMES x 256] that waver from frame to frame."""
    return -1.0 + deviation * torch.randn(2, 2, FRAMES, 256, generator=torch.Generator().manual_seed(seed))


def test_levels_that_move_as_much_miss_nothing_though_they_are_others() -> None:
    alike = float(unrest_miss(moving(0.2, 1), moving(0.2, 2)))
    still, restless = (float(unrest_miss(moving(deviation, 1), moving(0.2, 2))) for deviation in (0.1, 0.4))
    assert alike < 0.1 * min(still, restless)


def test_stillness_in_one_place_does_not_make_up_for_unrest_in_another() -> None:
    halves = torch.cat([moving(0.1, 1)[..., :128], moving(0.3, 1)[..., 128:]], dim=-1)
    assert float(unrest_miss(halves, moving(0.2, 2))) > 5.0 * float(unrest_miss(moving(0.2, 1), moving(0.2, 2)))


def test_its_slope_leads_from_a_blur_to_movement() -> None:
    amount = torch.tensor(0.05, requires_grad=True)
    unrest_miss(-1.0 + amount * moving(1.0, 1), moving(0.3, 2)).backward()
    assert amount.grad is not None
    assert float(amount.grad) < 0.0

"""What the codec's way back is judged by: movement that is too much or too little, and a critic."""

from __future__ import annotations

import torch

from models.textures.spectral.bands import BANDS
from models.textures.training.way_back import Critic, WayBackPlan, teach, unfaithful, unlike, unrest_miss

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


def test_a_critic_is_taught_and_then_tells() -> None:
    torch.manual_seed(1)
    critic = Critic()
    optimiser = torch.optim.AdamW(critic.parameters(), lr=4e-3)
    still, restless = moving(0.1, 1), moving(0.5, 1)
    for _ in range(20):
        teach(optimiser, critic(still)[-1], critic(restless)[-1])
    unheard_still, unheard_restless = (float(critic(moving(by, 2))[-1].detach().mean()) for by in (0.1, 0.5))
    assert unheard_still > unheard_restless + 0.5


def test_one_that_is_told_styles_hears_the_same_levels_differently() -> None:
    torch.manual_seed(1)
    critic = Critic(styles=2)
    levels = moving(0.2, 1)
    one, other = (critic(levels, torch.full((2,), style))[-1] for style in (0, 1))
    assert not torch.allclose(one, other)
    assert one.shape[2] < Critic()(levels)[-1].shape[2], "its patches are longer"


def test_checkpoints_of_before_still_fit() -> None:
    """Names and order of its numbers, for the state of an optimiser knows them by their order alone."""
    layers = [f"layers.{n}.{part}" for n in range(5) for part in ("weight", "bias")]
    assert list(Critic().state_dict()) == ["place", *layers[:8]]
    told = Critic(styles=4).state_dict()
    assert list(told) == ["place", "style", *layers]
    assert told["style"].shape == (4, 6, 1, BANDS)
    assert told["layers.3.weight"].shape == (96, 96, 5, 4)


def test_what_is_real_is_faithful_and_what_is_seen_in_it_is_alike() -> None:
    torch.manual_seed(1)
    critic, plan = Critic().requires_grad_(False), WayBackPlan()
    real, near, far = moving(0.2, 1), moving(0.2, 1) + 0.02, moving(0.4, 2)
    assert float(unfaithful(real, real, plan)) == 0.0
    assert 0.0 < float(unfaithful(near, real, plan)) < float(unfaithful(far, real, plan))
    seen = [critic(levels)[:-1] for levels in (real, near, far)]
    assert float(unlike(seen[0], seen[0])) == 0.0
    assert float(unlike(seen[1], seen[0])) < float(unlike(seen[2], seen[0]))

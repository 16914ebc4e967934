"""What the codec's way back learns by: faithful to real levels, and believed by a critic.

Mean error alone gives a blur, which is heard as a whistling stillness: what codes leave open must be drawn, not
averaged. So a critic judges patches (least squares, Mao et al. 2016, https://arxiv.org/abs/1611.04076), and what it
sees in decoded levels must resemble what it sees in real ones (feature matching, Larsen et al. 2015,
https://arxiv.org/abs/1512.09300).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.spectral.bands import BANDS, UNIT_DB
from models.textures.spectral.codec import CHANNELS, SLOPE

SMOOTH_FRAMES: Final = 4
SMOOTH_BANDS: Final = 4
UNREST_BANDS: Final = {1: 0.1, 4: 0.5, 8: 0.4}
"""Together, and what share each has: neighbours waver together, which single bands do not show."""
UNREST_FRAMES: Final = (1, 2, 4, 8, 16)
STILL_FRAMES: Final = 56
"""Nearly a second, over which movement is compared."""
NEPER_OF_POWER: Final = UNIT_DB * math.log(10.0) / 10.0
"""Natural logarithm of the power that a level of 1 stands for."""
TOLD_OF_STYLE: Final = 6
"""Numbers for each band."""
CRITIC_WIDTH: Final = 24


@dataclass(frozen=True)
class WayBackPlan:
    """Weights and rates of what both trainings of a way back have in common."""

    critic_rate: float = 4e-4
    fine_share: float = 0.15
    """Weight, once the critic has joined, of the error frame by frame beside that of means over `SMOOTH_FRAMES`."""
    power_weight: float = 0.5
    """Of the error of power over a few frames and bands: peaks that are drawn too broad are too loud together."""
    unrest_weight: float = 40.0
    """Of the error of movement, see `unrest_miss`."""
    feature_weight: float = 0.1
    measure_every: int = 100
    seed: int = 1


class Critic(nn.Module):
    """Tells spectra from decoded ones, patch by patch (Isola et al. 2017, https://arxiv.org/abs/1611.07004).

    One that is told which of some `styles` it hears has a layer more, and judges patches of a second and a half.
    """

    def __init__(self, styles: int = 0) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(2, 1, BANDS))
        with torch.no_grad():
            self.place[0, 0] = torch.linspace(-1.0, 1.0, BANDS)
        self.style = nn.Parameter(0.3 * torch.randn(styles, TOLD_OF_STYLE, 1, BANDS)) if styles else None
        told = CHANNELS + len(self.place) + (TOLD_OF_STYLE if styles else 0)
        width = CRITIC_WIDTH
        layers = [
            nn.Conv2d(told, width, 4, stride=2, padding=1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1),
        ]
        if styles:
            layers.append(nn.Conv2d(4 * width, 4 * width, (5, 4), stride=2, padding=(2, 1)))
        self.layers = nn.ModuleList([*layers, nn.Conv2d(4 * width, 1, 3, padding=1)])

    def forward(self, levels: Tensor, style: Tensor | None = None) -> list[Tensor]:
        """What each layer makes of levels [B x 2 x T x BANDS], of styles [B] if it is told them; the last is the
        verdict, 1 for real."""
        batch, _, frames, _ = levels.shape
        told = [self.place.expand(batch, -1, frames, -1)]
        if self.style is not None:
            told.append(self.style[style].expand(-1, -1, frames, -1))
        x, seen = torch.cat([levels, *(t.to(levels.dtype) for t in told)], dim=1), []
        for layer in self.layers[:-1]:
            x = functional.leaky_relu(layer(x), SLOPE)
            seen.append(x)
        return [*seen, self.layers[-1](x)]


def teach(optimiser: torch.optim.Optimizer, of_real: Tensor, of_decoded: Tensor) -> None:
    """Moves a critic by one step from its verdicts towards 1 for real levels and 0 for decoded ones."""
    loss = ((of_real.float() - 1.0) ** 2).mean() + (of_decoded.float() ** 2).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def unlike(seen: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """How far what a critic sees in decoded levels, layer by layer, is from what it sees in real ones."""
    pairs = [(a.float(), b.float()) for a, b in zip(seen, wanted, strict=True)]
    return torch.stack([functional.l1_loss(a, b) / (b.abs().mean() + 1e-3) for a, b in pairs]).sum()


def unfaithful(decoded: Tensor, real: Tensor, plan: WayBackPlan) -> Tensor:
    """How far decoded levels [B x 2 x T x BANDS] are from the real ones that they stand for."""
    miss = decoded.float() - real
    smooth = functional.avg_pool2d(miss, (SMOOTH_FRAMES, 1)).abs().mean()
    power = (smooth_power(decoded) - smooth_power(real)).abs().mean()
    unrest = unrest_miss(decoded, real)
    return smooth + plan.fine_share * miss.abs().mean() + plan.power_weight * power + plan.unrest_weight * unrest


def smooth_power(levels: Tensor) -> Tensor:
    """Levels of the mean power over `SMOOTH_FRAMES` x `SMOOTH_BANDS` of levels [B x 2 x T x BANDS]."""
    power = torch.exp(NEPER_OF_POWER * levels.float())
    return torch.log(functional.avg_pool2d(power, (SMOOTH_FRAMES, SMOOTH_BANDS)) + 1e-9) / NEPER_OF_POWER


def unrest_miss(decoded: Tensor, real: Tensor) -> Tensor:
    """How much decoded levels move more or less than real ones, [B x 2 x T x BANDS] both, as a mean square.

    Movement is how far the level of a few bands together steps over some frames, on average over `STILL_FRAMES`: a
    held tone must not waver, and hiss must. Squares, for mean absolute errors would be least with too little of it.
    """
    misses = []
    for bands, share in UNREST_BANDS.items():
        one, other = (pooled_level(levels, bands) for levels in (decoded, real))
        for lag in UNREST_FRAMES:
            moved = (one[:, :, lag:] - one[:, :, :-lag]).abs() - (other[:, :, lag:] - other[:, :, :-lag]).abs()
            window = (min(STILL_FRAMES, moved.shape[2]), max(UNREST_BANDS) // bands)
            misses.append(share * functional.avg_pool2d(moved, window).square().mean())
    return torch.stack(misses).sum() / len(UNREST_FRAMES)


def pooled_level(levels: Tensor, bands: int) -> Tensor:
    """Levels of the mean power of so many bands together, [B x 2 x T x BANDS / bands]."""
    if bands == 1:
        return levels.float()
    power = torch.exp(NEPER_OF_POWER * levels.float())
    return torch.log(functional.avg_pool2d(power, (1, bands)) + 1e-9) / NEPER_OF_POWER


def unrest_db(levels: Tensor) -> float:
    """How far levels [B x 2 x T x BANDS] step from one frame to the next, on average; a blur has too little."""
    return UNIT_DB * float(levels.float().diff(dim=2).abs().mean())

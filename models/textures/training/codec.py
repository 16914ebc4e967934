"""Training the codec: first for a small error in dB, then, against a critic, for levels that look like spectra.

Mean error alone gives a blur, which is heard as a whistling stillness: what codes leave open must be drawn, not
averaged. So a critic judges patches (least squares, Mao et al. 2016, https://arxiv.org/abs/1611.04076), and what it
sees in decoded levels must resemble what it sees in real ones (feature matching, Larsen et al. 2015,
https://arxiv.org/abs/1512.09300).

    FOLDER/codec.pt      everything needed to go on
    FOLDER/codec.csv     step, seconds, error in dB on training and held-out sound, share of codes in use
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from models.common.devices import autocast, best_device
from models.textures.spectral.bands import UNIT_DB
from models.textures.spectral.codec import Codec, CodecSizes, Critic
from models.textures.training.checkpoints import take_over
from models.textures.training.pieces import Prepared, crops
from models.textures.training.resumable import ResumableTraining, set_rate

FILE: Final = "codec.pt"
SMOOTH_FRAMES: Final = 4
SMOOTH_BANDS: Final = 4
UNREST_BANDS: Final = {1: 0.1, 4: 0.5, 8: 0.4}
"""Together, and what share each has: neighbours waver together, which single bands do not show."""
UNREST_FRAMES: Final = (1, 2, 4, 8, 16)
STILL_FRAMES: Final = 56
"""Nearly a second, over which movement is compared."""
NEPER_OF_POWER: Final = UNIT_DB * math.log(10.0) / 10.0
"""Natural logarithm of the power that a level of 1 stands for."""


@dataclass(frozen=True)
class CodecPlan:
    """How to train a codec; `seconds` is the length of the whole run, over which the rate falls."""

    seconds: float = 900.0
    batch: int = 8
    frames: int = 128
    rate: float = 1.5e-3
    critic_rate: float = 4e-4
    plain_share: float = 0.3
    """The critic joins after this share of the run."""
    """Then the encoder is done, so that codes keep their meaning while the decoder learns to draw."""
    fine_share: float = 0.15
    """Weight, once the critic has joined, of the error frame by frame beside that of means over `SMOOTH_FRAMES`."""
    power_weight: float = 0.5
    """Of the error of power over a few frames and bands: peaks that are drawn too broad are too loud together."""
    unrest_weight: float = 40.0
    """Of the error of movement, see `unrest_miss`."""
    critic_weight: float = 0.2
    feature_weight: float = 0.1
    mean_decay: float = 0.998
    measure_every: int = 100
    seed: int = 1


class CodecTraining(ResumableTraining):
    def __init__(
        self,
        folder: Path,
        train: Sequence[Prepared],
        held_out: Sequence[Prepared],
        sizes: CodecSizes,
        plan: CodecPlan,
        begin_from: Mapping[str, Any] | None = None,
    ) -> None:
        """`begin_from`: parameters of a trained codec by name, whose codes keep their meaning: only its way back
        learns on."""
        torch.manual_seed(plan.seed)
        self.plan, self.train, self.held_out, self.device = plan, train, held_out, best_device()
        self.codec, self.mean, self.critic = Codec(sizes), Codec(sizes).requires_grad_(False), Critic()
        for network in (self.codec, self.mean, self.critic):
            network.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        is_known = take_over(self.codec, begin_from or {})
        self.mean.load_state_dict(self.codec.state_dict())
        self.optimiser = torch.optim.AdamW(self.codec.parameters(), lr=plan.rate, betas=(0.8, 0.98), weight_decay=0.01)
        self.critic_optimiser = torch.optim.AdamW(self.critic.parameters(), lr=plan.critic_rate, betas=(0.5, 0.98))
        parts = {
            "codec": self.codec,
            "mean": self.mean,
            "critic": self.critic,
            "optimiser": self.optimiser,
            "critic_optimiser": self.critic_optimiser,
        }
        begun_s = plan.plain_share * plan.seconds if is_known else 0.0
        super().__init__(folder / FILE, plan, (self.codec, self.mean), parts, sizes.as_dict(), begun_s)
        self.rng = np.random.default_rng([plan.seed, self.step])

    def learn(self) -> float:
        """One step; returns the error in dB."""
        real = torch.from_numpy(crops(self.train, self.rng, self.plan.batch, self.plan.frames)).to(self.device)
        real = real.contiguous(memory_format=torch.channels_last)
        judged = self.elapsed_s >= self.plan.plain_share * self.plan.seconds
        self.codec.encoder.requires_grad_(not judged)
        set_rate(self.optimiser, self.plan.rate * self._rate())
        set_rate(self.critic_optimiser, self.plan.critic_rate * self._rate())
        with autocast(self.device):
            decoded = self.codec(real)
            miss = decoded.float() - real
            error = miss.abs().mean()
            loss = error
            if judged:
                smooth = functional.avg_pool2d(miss, (SMOOTH_FRAMES, 1)).abs().mean()
                loss = smooth + self.plan.fine_share * error
                loss = loss + self.plan.power_weight * (smooth_power(decoded) - smooth_power(real)).abs().mean()
                loss = loss + self.plan.unrest_weight * unrest_miss(decoded, real)
                self._teach_critic(real, decoded.detach())
                self.critic.requires_grad_(False)
                loss = loss + self._convincing(real, decoded)
                self.critic.requires_grad_(True)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.codec.parameters(), 1.0)
        self.optimiser.step()
        self.follow()
        return UNIT_DB * float(error.detach())

    def _teach_critic(self, real: Tensor, decoded: Tensor) -> None:
        loss = ((self.critic(real)[-1].float() - 1.0) ** 2).mean() + (self.critic(decoded)[-1].float() ** 2).mean()
        self.critic_optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.critic_optimiser.step()

    def _convincing(self, real: Tensor, decoded: Tensor) -> Tensor:
        with torch.no_grad():
            wanted = self.critic(real)
        seen = self.critic(decoded)
        doubt = ((seen[-1].float() - 1.0) ** 2).mean()
        pairs = [(a.float(), b.float()) for a, b in zip(seen[:-1], wanted[:-1], strict=True)]
        unlike = sum(functional.l1_loss(a, b) / (b.abs().mean() + 1e-3) for a, b in pairs)
        return self.plan.critic_weight * doubt + self.plan.feature_weight * unlike

    def _rate(self) -> float:
        through = min(1.0, self.elapsed_s / self.plan.seconds)
        return min(1.0, (self.step + 1) / 100) * (0.02 + 0.98 * (1.0 - through) ** 0.7)

    @torch.no_grad()
    def record(self, mean_loss: float) -> None:
        levels = torch.from_numpy(crops(self.held_out, np.random.default_rng(1), 16, self.plan.frames)).to(self.device)
        held_out_db, used = 0.0, 0.0
        with autocast(self.device):
            quantised = self.mean.quantised(self.mean.encoder(levels))
            codes = self.mean.codes(quantised)
            decoded = self.mean.decoder(quantised, *self.mean.noise(len(levels), levels.shape[2], True, self.device))
        held_out_db = UNIT_DB * float((decoded.float() - levels).abs().mean())
        used = len(torch.unique(codes)) / self.codec.sizes.codes
        self.log(
            {
                "step": self.step,
                "elapsed_s": round(self.elapsed_s),
                "error_db": round(mean_loss, 3),
                "held_out_db": round(held_out_db, 3),
                "unrest_db": round(unrest_db(decoded), 3),
                "real_unrest_db": round(unrest_db(levels), 3),
                "used": round(used, 3),
            }
        )


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

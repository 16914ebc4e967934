"""Training the codec: first for a small error in dB, then, against a critic, for levels that look like spectra.

See `models.textures.training.way_back` for what the critic is for.

    FOLDER/codec.pt      everything needed to go on
    FOLDER/codec.csv     step, seconds, error in dB on training and held-out sound, share of codes in use
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from models.common.devices import autocast, best_device
from models.textures.spectral.bands import UNIT_DB
from models.textures.spectral.codec import Codec, CodecSizes
from models.textures.training.checkpoints import take_over
from models.textures.training.pieces import Prepared, crops
from models.textures.training.resumable import ResumableTraining, set_rate
from models.textures.training.way_back import Critic, WayBackPlan, teach, unfaithful, unlike, unrest_db

FILE: Final = "codec.pt"


@dataclass(frozen=True)
class CodecPlan(WayBackPlan):
    """How to train a codec; `seconds` is the length of the whole run, over which the rate falls."""

    seconds: float = 900.0
    batch: int = 8
    frames: int = 128
    rate: float = 1.5e-3
    plain_share: float = 0.3
    """The critic joins after this share of the run. Then the encoder is done, so that codes keep their meaning while
    the decoder learns to draw."""
    critic_weight: float = 0.2
    mean_decay: float = 0.998


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
            error = loss = (decoded.float() - real).abs().mean()
            if judged:
                teach(self.critic_optimiser, self.critic(real)[-1], self.critic(decoded.detach())[-1])
                loss = unfaithful(decoded, real, self.plan) + self._unconvincing(real, decoded)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.codec.parameters(), 1.0)
        self.optimiser.step()
        self.follow()
        return UNIT_DB * float(error.detach())

    def _unconvincing(self, real: Tensor, decoded: Tensor) -> Tensor:
        """How little the critic believes decoded levels, and how unlike real ones it sees them."""
        self.critic.requires_grad_(False)
        with torch.no_grad():
            wanted = self.critic(real)
        seen = self.critic(decoded)
        self.critic.requires_grad_(True)
        doubt = ((seen[-1].float() - 1.0) ** 2).mean()
        return self.plan.critic_weight * doubt + self.plan.feature_weight * unlike(seen[:-1], wanted[:-1])

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

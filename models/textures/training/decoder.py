"""Training the codec's way back on what a plan network writes, after both have learnt, so that it moves as real sound.

A way back that has only seen codes of real sound meets others when a plan is drawn: these are noisier, and it makes of
them what wavers where tones should hold, and stands still where sound should breathe. Nobody knows what a drawn plan
should have sounded like, so its levels are judged as a whole: a critic that is told the style judges patches of them
(least squares, Mao et al. 2016, https://arxiv.org/abs/1611.04076), and they must move as much as real ones do, see
`models.textures.training.movement`. Codes of real sound are still made into their levels beside it, so that codes keep
their meaning.

Only the middle of what is decoded counts. Beside an edge the way back sees noughts, as it does nowhere in a long piece:
taught with edges it moved rightly beside them, and a quarter too little everywhere else.

    FOLDER/decoder.pt     everything needed to go on
    FOLDER/decoder.csv    step, seconds, error in dB on training and held-out sound, miss of movement
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from torch import Tensor

from models.common.devices import autocast, best_device
from models.textures.spectral.bands import UNIT_DB
from models.textures.spectral.codec import STEP_FRAMES, Codec
from models.textures.training.movement import Moments, MovementMatch
from models.textures.training.pieces import Prepared
from models.textures.training.plan import Planned
from models.textures.training.resumable import ResumableTraining, set_rate
from models.textures.training.way_back import Critic, WayBackPlan, teach, unfaithful, unlike

FILE: Final = "decoder.pt"
MEASURED_CROPS: Final = 480
"""Of real sound, from which its movement is known."""
AT_ONCE: Final = 16


@dataclass(frozen=True)
class DecoderPlan(WayBackPlan):
    """How to train; `seconds` is the length of the whole run, over which the rates fall."""

    seconds: float = 1300.0
    real: int = 2
    """Crops of real sound in a step, beside as many drawn ones as there are styles."""
    columns: int = 16
    beside: int = 6
    """Columns on each side that are decoded and not judged."""
    rate: float = 4e-4
    warm_up: int = 50
    critic_weight: float = 0.3
    real_share: float = 0.3
    """Of the critic's doubt, for levels of real codes."""
    movement_weight: float = 36.0
    mean_decay: float = 0.985


class Batch(NamedTuple):
    """Stretches of codes, and what they stand for."""

    codes: Tensor
    """[B x columns x tokens]"""
    style: Tensor
    """[B]"""
    levels: Tensor
    """[B x 2 x frames x BANDS] of the columns in the middle; of drawn ones nobody knows them, and there are none."""


class DecoderTraining(ResumableTraining):
    def __init__(
        self,
        folder: Path,
        codec: Codec,
        real: Sequence[tuple[Prepared, Planned]],
        held_out: Sequence[tuple[Prepared, Planned]],
        drawn: Sequence[Planned],
        plan: DecoderPlan,
    ) -> None:
        """
        Args:
            codec: where it begins; its codes are those of `real`, `held_out` and `drawn`.
            real, held_out: pieces and their codes.
            drawn: what the plan network writes, of every style.
        """
        torch.manual_seed(plan.seed)
        self.plan, self.real, self.held_out, self.device = plan, list(real), list(held_out), best_device()
        self.drawn = list(drawn)
        self.styles = sorted({piece.style for piece in self.drawn})
        shortest = min(len(codes.codes) for codes in (*self.drawn, *(c for _, c in (*self.real, *self.held_out))))
        self.beside = max(0, min(plan.beside, (shortest - plan.columns) // 2))
        self.codec, self.mean = Codec(codec.sizes), Codec(codec.sizes).requires_grad_(False)
        self.critic = Critic(len(self.styles))
        for network in (self.codec, self.mean, self.critic):
            network.to(device=self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.codec.load_state_dict(codec.state_dict())
        self.mean.load_state_dict(codec.state_dict())
        self.codec.encoder.requires_grad_(False)
        self.ways_back = list(self.codec.decoder.parameters())
        self.optimiser = torch.optim.AdamW(self.ways_back, lr=plan.rate, betas=(0.7, 0.98), weight_decay=0.0)
        self.critic_optimiser = torch.optim.AdamW(self.critic.parameters(), lr=plan.critic_rate, betas=(0.5, 0.98))
        parts = {
            "codec": self.codec,
            "mean": self.mean,
            "critic": self.critic,
            "optimiser": self.optimiser,
            "critic_optimiser": self.critic_optimiser,
        }
        super().__init__(folder / FILE, plan, (self.codec, self.mean), parts, codec.sizes.as_dict())
        self.rng = np.random.default_rng([plan.seed, self.step])
        self.real_movement = self._real_movement()
        self.movement = MovementMatch(self.real_movement)

    def learn(self) -> float:
        """One step; returns the error in dB on real codes."""
        plan, rate = self.plan, self._rate()
        set_rate(self.optimiser, plan.rate * rate)
        set_rate(self.critic_optimiser, plan.critic_rate * max(rate, 0.3))
        real = self._real(self.real, self.rng, [self._chance_style() for _ in range(plan.real)])
        judged = self._real(self.real, self.rng, list(range(len(self.styles))))
        drawn = self._drawn(self.rng)
        with autocast(self.device):
            decoded = self._decoded(self.codec, torch.cat([real.codes, drawn.codes]))
        told, new = decoded[: plan.real], decoded[plan.real :]
        self._teach_critic(judged, new.detach().float(), drawn.style)
        error = (told.float() - real.levels).abs().mean()
        loss = unfaithful(told, real.levels, plan) + self._unconvincing(real, decoded, drawn.style)
        loss = loss + plan.movement_weight * self.movement(new.float(), drawn.style)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.ways_back, 1.0)
        self.optimiser.step()
        self.follow()
        return UNIT_DB * float(error.detach())

    def _teach_critic(self, judged: Batch, drawn: Tensor, style: Tensor) -> None:
        with autocast(self.device):
            verdicts = self.critic(judged.levels, judged.style)[-1], self.critic(drawn, style)[-1]
        teach(self.critic_optimiser, *verdicts)

    def _unconvincing(self, real: Batch, decoded: Tensor, style: Tensor) -> Tensor:
        """How little the critic believes decoded levels, and how unlike real ones it sees those of real codes."""
        plan, count = self.plan, len(real.levels)
        self.critic.requires_grad_(False)
        with autocast(self.device):
            seen = self.critic(decoded.float(), torch.cat([real.style, style]))
            with torch.no_grad():
                wanted = self.critic(real.levels, real.style)
        self.critic.requires_grad_(True)
        doubt = (seen[-1].float() - 1.0) ** 2
        doubted = doubt[count:].mean() + plan.real_share * doubt[:count].mean()
        of_real = [layer[:count] for layer in seen[:-1]]
        return plan.critic_weight * doubted + plan.feature_weight * unlike(of_real, wanted[:-1])

    def _decoded(self, codec: Codec, codes: Tensor) -> Tensor:
        """Levels of the columns in the middle of codes [B x columns x tokens]."""
        batch, columns, _ = codes.shape
        latents = codec.latents(codes.view(batch, columns, codec.sizes.rows, codec.sizes.groups))
        latents = latents.contiguous(memory_format=torch.channels_last)
        levels = codec.decoder(latents, *codec.noise(batch, STEP_FRAMES * columns, True, self.device))
        return levels[:, :, STEP_FRAMES * self.beside : STEP_FRAMES * (columns - self.beside)]

    def _real(
        self, among: Sequence[tuple[Prepared, Planned]], rng: np.random.Generator, styles: Sequence[int]
    ) -> Batch:
        found = []
        for style in styles:
            own = [pair for pair in among if pair[1].style == self.styles[style]]
            piece, codes = own[int(rng.integers(len(own)))]
            start, some = self._stretch(codes, rng)
            first = STEP_FRAMES * (start + self.beside)
            found.append((some, piece.levels[:, first : first + STEP_FRAMES * self.plan.columns].astype(np.float32)))
        levels = torch.from_numpy(np.stack([own for _, own in found])).to(self.device)
        codes_of_all = torch.from_numpy(np.stack([some for some, _ in found]).astype(np.int64)).to(self.device)
        return Batch(codes_of_all, torch.tensor(list(styles), device=self.device), levels)

    def _drawn(self, rng: np.random.Generator) -> Batch:
        found = []
        for style in self.styles:
            own = [codes for codes in self.drawn if codes.style == style]
            found.append(self._stretch(own[int(rng.integers(len(own)))], rng)[1])
        codes = torch.from_numpy(np.stack(found).astype(np.int64)).to(self.device)
        return Batch(codes, torch.arange(len(self.styles), device=self.device), torch.empty(0))

    def _stretch(self, codes: Planned, rng: np.random.Generator) -> tuple[int, np.ndarray]:
        """Where a stretch begins, and its codes."""
        columns = self.plan.columns + 2 * self.beside
        start = int(rng.integers(1 + len(codes.codes) - columns))
        return start, codes.codes[start : start + columns]

    def _chance_style(self) -> int:
        return int(self.rng.integers(len(self.styles)))

    def _real_movement(self) -> Moments:
        moments, rng = Moments(len(self.styles), self.device), np.random.default_rng([self.plan.seed, 2])
        for first in range(0, MEASURED_CROPS, AT_ONCE):
            batch = self._real(self.real, rng, [n % len(self.styles) for n in range(first, first + AT_ONCE)])
            moments.add(batch.levels, batch.style)
        return moments

    def _rate(self) -> float:
        through = min(1.0, self.elapsed_s / self.plan.seconds)
        return float(min(1.0, (self.step + 1) / self.plan.warm_up) * (0.03 + 0.97 * (1.0 - through) ** 0.7))

    @torch.no_grad()
    def record(self, mean_loss: float) -> None:
        rng = np.random.default_rng(1)
        batch = self._real(self.held_out, rng, [n % len(self.styles) for n in range(AT_ONCE)])
        with autocast(self.device):
            decoded, drawn = self._decoded(self.mean, batch.codes), self._drawn(rng)
            new = self._decoded(self.mean, drawn.codes)
        moved = MovementMatch(self.real_movement)(new.float(), drawn.style)
        self.log(
            {
                "step": self.step,
                "elapsed_s": round(self.elapsed_s),
                "error_db": round(mean_loss, 3),
                "held_out_db": round(UNIT_DB * float((decoded.float() - batch.levels).abs().mean()), 3),
                "movement_miss": round(float(moved), 3),
            }
        )

"""A codec of spectra: eight frames of 256 bands become 32 codes, and come back.

References:
  Dhariwal et al. 2020, "Jukebox: A Generative Model for Music", https://arxiv.org/abs/2005.00341
  Mentzer et al. 2023, "Finite Scalar Quantization: VQ-VAE Made Simple", https://arxiv.org/abs/2309.15505
  Karras et al. 2019, "A Style-Based Generator Architecture", https://arxiv.org/abs/1812.04948 (noise as an input)

The frequency axis is kept throughout: all layers are two-dimensional convolutions over time and frequency. Levels are
those of `models.textures.spectral.bands`, of the middle (L + R) / 2 and the side (L - R) / 2.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.textures.spectral.bands import BANDS

CHANNELS: Final = 2
STEP_FRAMES: Final = 8
"""One column of codes in so many frames, 128 ms."""
SLOPE: Final = 0.2


@dataclass(frozen=True)
class CodecSizes:
    """Widths at 4 x 4, 8 x 8 and 8 x 16 (frames x bands), and the code: `groups` of numbers with so many `levels`."""

    fine: int = 32
    middle: int = 64
    coarse: int = 128
    groups: int = 2
    levels: tuple[int, ...] = (8, 5, 5, 5)

    @property
    def rows(self) -> int:
        """Places of codes along frequency."""
        return BANDS // 16

    @property
    def codes(self) -> int:
        """Different codes of a group."""
        total = 1
        for count in self.levels:
            total *= count
        return total

    @property
    def tokens(self) -> int:
        """Codes in a column."""
        return self.rows * self.groups

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class Residual(nn.Module):
    """x + conv(act(conv(act(x)))), both 3 x 3."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.normal_(self.second.weight, std=0.2 * (9 * width) ** -0.5)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(functional.leaky_relu(x, SLOPE))
        return x + self.second(functional.leaky_relu(hidden, SLOPE))


class Placed(nn.Module):
    """Adds a learned value for each channel and place along frequency: pitch is not shift-invariant."""

    def __init__(self, width: int, rows: int) -> None:
        super().__init__()
        self.place = nn.Parameter(0.05 * torch.randn(width, 1, rows))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.place


class Encoder(nn.Module):
    def __init__(self, sizes: CodecSizes) -> None:
        super().__init__()
        fine, middle, coarse = sizes.fine, sizes.middle, sizes.coarse
        self.layers = nn.Sequential(
            nn.Conv2d(CHANNELS, fine, 6, stride=4, padding=1),
            Placed(fine, BANDS // 4),
            Residual(fine),
            nn.Conv2d(fine, middle, 4, stride=2, padding=1),
            Placed(middle, BANDS // 8),
            Residual(middle),
            Residual(middle),
            nn.Conv2d(middle, coarse, (3, 4), stride=(1, 2), padding=1),
            Residual(coarse),
            Residual(coarse),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(coarse, sizes.groups * len(sizes.levels), 1),
        )

    def forward(self, levels: Tensor) -> Tensor:
        """Latents [B x groups * numbers x T / 8 x rows] of levels [B x 2 x T x BANDS]."""
        return self.layers(levels)


class Decoder(nn.Module):
    """From codes to levels. With `noise`, what the codes leave open is drawn anew each time."""

    def __init__(self, sizes: CodecSizes) -> None:
        super().__init__()
        fine, middle, coarse = sizes.fine, sizes.middle, sizes.coarse
        self.enter = nn.Conv2d(sizes.groups * len(sizes.levels), coarse, 1)
        self.coarse_place = Placed(coarse, BANDS // 16)
        self.coarse = nn.Sequential(Residual(coarse), Residual(coarse))
        self.to_middle = nn.Conv2d(coarse, 2 * middle, 1)
        self.middle_place = Placed(middle, BANDS // 8)
        self.middle = nn.Sequential(Residual(middle), Residual(middle))
        self.to_fine = nn.Conv2d(middle, 4 * fine, 1)
        self.fine_place = Placed(fine, BANDS // 4)
        self.fine_noise = nn.Parameter(0.1 * torch.randn(fine, 1, 1))
        self.fine = Residual(fine)
        self.to_levels = nn.Conv2d(fine, 16 * CHANNELS, 3, padding=1)
        self.finish = nn.Conv2d(2 * CHANNELS, 12, 5, padding=2)
        self.last = nn.Conv2d(12, CHANNELS, 3, padding=1)
        nn.init.normal_(self.last.weight, std=0.01)

    def forward(self, latents: Tensor, fine_noise: Tensor, level_noise: Tensor) -> Tensor:
        """Levels [B x 2 x T x BANDS] of quantised latents [B x groups * numbers x T / 8 x rows].

        fine_noise: [B x 1 x T / 4 x BANDS / 4]; level_noise: [B x 2 x T x BANDS]; both normal, or noughts.
        """
        x = self.coarse(self.coarse_place(self.enter(latents)))
        x = unfolded(self.to_middle(functional.leaky_relu(x, SLOPE)), 1, 2)
        x = self.middle(self.middle_place(x))
        x = unfolded(self.to_fine(functional.leaky_relu(x, SLOPE)), 2, 2)
        x = self.fine(self.fine_place(x) + self.fine_noise * fine_noise)
        levels = unfolded(self.to_levels(functional.leaky_relu(x, SLOPE)), 4, 4)
        hidden = functional.leaky_relu(self.finish(torch.cat([levels, level_noise.to(levels.dtype)], dim=1)), SLOPE)
        return levels + self.last(hidden)


class Codec(nn.Module):
    def __init__(self, sizes: CodecSizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.encoder = Encoder(sizes)
        self.decoder = Decoder(sizes)
        self.register_buffer("counts", torch.tensor(sizes.levels * sizes.groups)[:, None, None], persistent=False)
        strides = [1]
        for count in sizes.levels[:-1]:
            strides.append(strides[-1] * count)
        self.register_buffer("strides", torch.tensor(strides), persistent=False)

    counts: Tensor
    strides: Tensor

    def quantised(self, latents: Tensor) -> Tensor:
        """Latents brought to the nearest of their levels within -1..1; gradients pass as if they had not been."""
        half = (self.counts - 1) / 2
        bounded = half * torch.tanh(latents.float())
        shift = torch.where(self.counts % 2 == 0, 0.5, 0.0)
        rounded = torch.round(bounded - shift) + shift
        rounded = torch.minimum(torch.maximum(rounded, -half), half)
        return (bounded + (rounded - bounded).detach()) / half

    def codes(self, quantised: Tensor) -> Tensor:
        """Codes [B x T / 8 x rows x groups], 0..codes - 1, of quantised latents."""
        half = (self.counts - 1) / 2
        digits = torch.round(quantised * half + half).long()
        batch, _, steps, rows = digits.shape
        digits = digits.view(batch, self.sizes.groups, len(self.sizes.levels), steps, rows)
        return (digits * self.strides[:, None, None]).sum(dim=2).permute(0, 2, 3, 1)

    def latents(self, codes: Tensor) -> Tensor:
        """Quantised latents of codes, as `codes` gives them."""
        levels = torch.tensor(self.sizes.levels, device=codes.device)
        digits = codes[..., None] // self.strides % levels  # [B x T / 8 x rows x groups x numbers]
        values = (2.0 * digits - (levels - 1)) / (levels - 1)
        return values.permute(0, 3, 4, 1, 2).flatten(1, 2).float()

    def forward(self, levels: Tensor, noisy: bool = True) -> Tensor:
        """Levels [B x 2 x T x BANDS] there and back; T is a multiple of `STEP_FRAMES`."""
        quantised = self.quantised(self.encoder(levels))
        return self.decoder(quantised, *self.noise(levels.shape[0], levels.shape[2], noisy, levels.device))

    def noise(self, batch: int, frames: int, noisy: bool, device: torch.device) -> tuple[Tensor, Tensor]:
        draw = torch.randn if noisy else torch.zeros
        fine = draw(batch, 1, frames // 4, BANDS // 4, device=device)
        return fine, draw(batch, CHANNELS, frames, BANDS, device=device)


def unfolded(x: Tensor, frames: int, bands: int) -> Tensor:
    """[B x C * frames * bands x T x F] laid out as [B x C x T * frames x F * bands]."""
    batch, width, steps, rows = x.shape
    x = x.view(batch, width // (frames * bands), frames, bands, steps, rows)
    return x.permute(0, 1, 4, 2, 5, 3).reshape(batch, -1, steps * frames, rows * bands)

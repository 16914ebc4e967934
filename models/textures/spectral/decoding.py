"""The codec's way back in compiled loops: codes to levels, as `models.textures.spectral.codec.Decoder`, no torch.

Everything is float32 [channels x frames x bands], in an order of sums that is the same on every processor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import WeightsError
from models.common.vector_code import LANES
from models.common.vectors import put_everywhere
from models.textures.products.kernel_products import START, product
from models.textures.products.panels import in_panels
from models.textures.spectral.arithmetic import compiled, normals
from models.textures.spectral.bands import BANDS

Floats = NDArray[np.float32]
STEP_FRAMES: Final = 8
SLOPE: Final = np.float32(0.2)
MARGIN: Final = 10
"""Columns on both sides of a part that have a say in it."""


class Decoder:
    """A decoder's weights, by name as in the network, float32."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], levels: Sequence[int], groups: int) -> None:
        """Raises `WeightsError` when weights are missing."""
        self.arrays = {name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()}
        self.levels, self.groups = np.array(levels, np.int64), groups
        if missing := [name for name in NAMES if f"{name}.weight" not in self.arrays]:
            raise WeightsError(f"these weights lack {', '.join(missing)}; fetch the weights again")
        self._matrices = {name: in_panels(_matrix(self.arrays[f"{name}.weight"])) for name in NAMES}

    def noise(self, columns: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """What codes leave open, as normal noise [1 x frames / 4 x BANDS / 4] and [2 x frames x BANDS]; of each column
        it is the same however many follow."""
        few, many = STEP_FRAMES // 4 * BANDS // 4, 2 * STEP_FRAMES * BANDS
        drawn = np.stack([normals(rng.random(2 * (few + many))) for _ in range(columns)])
        whole = drawn[:, few:].reshape(columns, 2, STEP_FRAMES, BANDS).swapaxes(0, 1)
        return drawn[:, :few].reshape(1, -1, BANDS // 4), np.ascontiguousarray(whole.reshape(2, -1, BANDS))

    def part(self, codes: NDArray[np.int64], noise: tuple[Floats, Floats], first: int, last: int) -> Floats:
        """Levels [2 x frames x BANDS] of the columns first..last of codes [columns x tokens]."""
        start, end = max(0, first - MARGIN), min(len(codes), last + MARGIN)
        latents = latents_of(codes[start:end], self.levels, self.groups)
        fine, whole = noise
        decoded = self._decoded(
            latents,
            fine[:, STEP_FRAMES // 4 * start : STEP_FRAMES // 4 * end],
            whole[:, STEP_FRAMES * start : STEP_FRAMES * end],
        )
        return decoded[:, STEP_FRAMES * (first - start) : STEP_FRAMES * (last - start)]

    def _decoded(self, latents: Floats, fine_noise: Floats, noise: Floats) -> Floats:
        a = self.arrays
        x = self._convolved("enter", latents) + a["coarse_place.place"]
        x = self._residual("coarse.1", self._residual("coarse.0", x))
        x = unfolded(self._convolved("to_middle", rectified(x)), 1, 2) + a["middle_place.place"]
        x = self._residual("middle.1", self._residual("middle.0", x))
        x = unfolded(self._convolved("to_fine", rectified(x)), 2, 2) + a["fine_place.place"]
        x = self._residual("fine", x + a["fine_noise"] * fine_noise)
        levels = unfolded(self._convolved("to_levels", rectified(x)), 4, 4)
        hidden = self._convolved("finish", np.concatenate([levels, noise]))
        return levels + self._convolved("last", rectified(hidden))

    def _residual(self, name: str, x: Floats) -> Floats:
        hidden = self._convolved(f"{name}.first", rectified(x))
        return x + self._convolved(f"{name}.second", rectified(hidden))

    def _convolved(self, name: str, x: Floats) -> Floats:
        weight, bias = self.arrays[f"{name}.weight"], self.arrays[f"{name}.bias"]
        reach = weight.shape[2] // 2
        padded = np.ascontiguousarray(np.pad(x, ((0, 0), (reach, reach), (reach, reach))))
        out = np.zeros((weight.shape[0], x.shape[1], x.shape[2]), np.float32)
        if len(out) % LANES:
            convolve(padded, weight, bias, out)
        else:
            convolve_many(padded, self._matrices[name], weight.shape[2], bias, out)
        return out


def _matrix(weight: Floats) -> Floats:
    """[I * height * width x O] of a convolution's weights [O x I x height x width]."""
    return np.ascontiguousarray(weight.reshape(len(weight), -1).T)


NAMES: Final = (
    "enter",
    "coarse.0.first",
    "coarse.0.second",
    "coarse.1.first",
    "coarse.1.second",
    "to_middle",
    "middle.0.first",
    "middle.0.second",
    "middle.1.first",
    "middle.1.second",
    "to_fine",
    "fine.first",
    "fine.second",
    "to_levels",
    "finish",
    "last",
)


@compiled
def convolve(x: Any, weight: Any, bias: Any, out: Any) -> None:
    """out [O x T x F] of padded x [I x T + 2 r x F + 2 r] by weight [O x I x 2 r + 1 x 2 r + 1] and bias [O].

    For few outputs and many bands; `convolve_many` is for many outputs, and adds up in the same order.
    """
    outs, frames, bands = out.shape
    ins, tall, wide = weight.shape[1:]
    for t in range(frames):
        for o in range(outs):
            row = out[o, t]
            row[:] = bias[o]
            for i in range(ins):
                for dt in range(tall):
                    source = x[i, t + dt]
                    for df in range(wide):
                        factor = weight[o, i, dt, df]
                        for f in range(bands):
                            row[f] += factor * source[f + df]


@compiled
def convolve_many(x: Any, matrix: Any, size: int, bias: Any, out: Any) -> None:
    """As `convolve`, by a matrix [I * size * size x O] in panels; O and F are multiples of 8."""
    outs, frames, bands = out.shape
    rows = len(x) * size * size
    around, sums = np.empty((bands, rows), np.float32), np.empty((bands, outs), np.float32)
    for t in range(frames):
        for f in range(bands):
            at = 0
            for i in range(len(x)):
                for dt in range(size):
                    for df in range(size):
                        around[f, at] = x[i, t + dt, f + df]
                        at += 1
        put_everywhere(bias, sums, START)
        product(sums, START, outs, around, START, rows, matrix, START)
        for o in range(outs):
            for f in range(bands):
                out[o, t, f] = sums[f, o]


def rectified(x: Floats) -> Floats:
    return np.where(x > 0, x, SLOPE * x)


def unfolded(x: Floats, frames: int, bands: int) -> Floats:
    """[C * frames * bands x T x F] laid out as [C x T * frames x F * bands]."""
    width, steps, rows = x.shape
    x = x.reshape(width // (frames * bands), frames, bands, steps, rows)
    return x.transpose(0, 3, 1, 4, 2).reshape(-1, steps * frames, rows * bands)


def latents_of(codes: NDArray[np.int64], levels: NDArray[np.int64], groups: int) -> Floats:
    """Quantised numbers -1..1 [groups * numbers x columns x rows] of codes [columns x rows * groups]."""
    columns = len(codes)
    strides = np.concatenate([[1], np.cumprod(levels[:-1])])
    digits = codes[..., None] // strides % levels
    values = ((2.0 * digits - (levels - 1)) / (levels - 1)).astype(np.float32)
    return np.ascontiguousarray(values.reshape(columns, -1, groups * len(levels)).transpose(2, 0, 1))

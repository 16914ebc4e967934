"""A step of autograd through all layers of a WaveNet in compiled loops: what `gated_stack` does, in half the time.

Each thread of torch takes some of the streams. What backward needs is kept in room that is used again in the next
step: the system takes as long to hand out new memory of that size as a third of the products takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.common.large_pages import together
from models.common.vector_code import WIDE_LANES
from models.textures.waveform.bf16_products import ROWS, Halves, has_pair_sums
from models.textures.waveform.bf16_tensors import floats_of, halves_of, pairs_of
from models.textures.wavenet import gated_kernels
from models.textures.wavenet.gated_kernels import BackwardWeights, ForwardWeights, Gradients, Kept, Room, Shape
from models.textures.wavenet.stack_weights import StackWeights

TILE: Final = 256
"""Rows that go through all layers together, about: with fewer, weights and their gradients are read too often; with
more, what a layer hands on has left the nearest caches."""
_spare: Final[dict[tuple[object, ...], list[Kept]]] = {}
"""Room by shape and reaches, that no step needs at present."""


@dataclass
class Part:
    """Some of the streams: what goes through the layers, and what backward needs."""

    streams: slice
    shape: Shape
    reach: NDArray[np.int64]
    """Rows of each layer's past."""
    places: NDArray[np.int64]
    """Where each layer's rows begin in what was heard."""
    kept: Kept

    @property
    def key(self) -> tuple[object, ...]:
        return (self.shape, self.reach.tobytes())


def fits(x: Tensor, weights: StackWeights) -> bool:
    """Whether the loops take these sizes, on this processor."""
    right = weights.taps.dtype == torch.bfloat16 and x.device.type == "cpu" and has_pair_sums()
    whole = len(x) % ROWS == 0 and not any(size % WIDE_LANES for size in weights.skip.shape[1:])
    return right and whole and not torch.compiler.is_compiling()


class CompiledLayers(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, past: list[Tensor], after: list[Tensor], dilations: tuple[int, ...], *tensors: Tensor
    ) -> Tensor:
        w = StackWeights(*tensors)
        ctx.parts = [_part(streams, x, past, dilations, w) for streams in _shared_out(x.shape[1])]
        packed = _forward_weights(w)
        skipped = x.new_empty(len(x), x.shape[1], w.skip.shape[2], dtype=w.skip.dtype)

        def run(part: Part) -> None:
            skipped[:, part.streams] = _forward(part, x[:, part.streams], packed, w.bias[:, :, part.streams])

        _together(run, ctx.parts)
        after += _after(ctx.parts, past, x)
        ctx.save_for_backward(*tensors)
        return skipped.flatten(0, 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        w = StackWeights(*ctx.saved_tensors)
        parts: list[Part] = ctx.parts
        ctx.parts = None  # what is kept has been overwritten then
        streams = w.bias.shape[2]
        by_stream = gradient.view(-1, streams, gradient.shape[1])
        of_x = gradient.new_empty(len(by_stream), streams, w.skip.shape[1], dtype=torch.float32)
        of_bias = torch.empty_like(w.bias)
        packed = _backward_weights(w)

        def run(part: Part) -> Gradients:
            own, found = _backward(part, by_stream[:, part.streams], packed, w)
            of_x[:, part.streams] = own
            of_bias[:, :, part.streams] = _both_biases(found.bias, w.bias[:, :, part.streams])
            _spare.setdefault(part.key, []).append(part.kept)
            return found

        of_parts = zip(*(found[1:] for found in _together(run, parts)), strict=True)
        past, now, residual, residual_bias, skip = map(_summed, of_parts)
        taps = _both_halves(past, now, w.taps)
        others = (taps, residual.view_as(w.residual).mul_(2), residual_bias, skip.view_as(w.skip).mul_(2))
        return of_x, None, None, None, of_bias, *(found.to(w.taps.dtype) for found in others)


def _shared_out(streams: int) -> list[slice]:
    """Streams for each thread, all as many but for the last."""
    each = -(-streams // min(streams, torch.get_num_threads()))
    return [slice(first, min(first + each, streams)) for first in range(0, streams, each)]


def _together(run: Callable[[Part], Any], parts: Sequence[Part]) -> list[Any]:
    """In threads, none of which keeps book for autograd."""
    if len(parts) == 1:
        return [run(parts[0])]
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(torch.no_grad()(run), parts))


def _part(streams: slice, x: Tensor, past: Sequence[Tensor], dilations: Sequence[int], w: StackWeights) -> Part:
    frames, count, width = x[:, streams].shape
    least = math.lcm(count, ROWS)
    tile = max(1, TILE // least) * least
    shape = Shape(frames * count, count, frames // w.bias.shape[1], width, w.skip.shape[2], tile)
    reach = np.array(dilations) * count
    places = np.arange(len(reach)) * shape.rows + np.cumsum(reach) - reach
    spare = _spare.get((shape, reach.tobytes()))
    part = Part(streams, shape, reach, places, spare.pop() if spare else _room(shape, reach))
    for layer, before in enumerate(past):
        at = part.places[layer] * width
        part.kept.heard[at : at + part.reach[layer] * width] = halves_of(before[:, streams])
    return part


def _room(shape: Shape, reach: NDArray[np.int64]) -> Kept:
    heard = (int(reach.sum()) + len(reach) * shape.rows) * shape.width
    gates = (2 * len(reach), (shape.rows + ROWS) * shape.width)
    sizes = (heard, gates, (len(reach), shape.rows * shape.width))
    return together(Kept(*(np.zeros(size, np.uint16) for size in sizes)))


def _forward(part: Part, x: Tensor, weights: ForwardWeights, bias: Tensor) -> Tensor:
    """What is skipped [T x B x skip]."""
    shape, kept = part.shape, part.kept
    skipped = np.zeros(shape.rows * shape.skip, np.float32)
    used_up = x.clone(memory_format=torch.contiguous_format).view(-1).numpy()
    weights = weights._replace(bias=_bias_by_half(bias))
    words = (_words(kept.heard), _words(kept.z))
    gated_kernels.forward(used_up, part.reach, part.places, shape, weights, kept, *words, skipped)
    return torch.from_numpy(skipped).view(*x.shape[:2], -1)


def _backward(part: Part, gradient: Tensor, weights: BackwardWeights, w: StackWeights) -> tuple[Tensor, Gradients]:
    """The gradients of x [T x B x C] and of all weights; that of what is skipped is bfloat16 [T x B x skip]."""
    shape, kept = part.shape, part.kept
    frames, streams = gradient.shape[:2]
    found = _no_gradients(part)
    of_x = np.zeros(shape.rows * shape.width, np.float32)
    halves = halves_of(gradient)
    words = _words(kept.gates)
    room = _room_back(shape)
    gated_kernels.backward(
        halves, _words(halves), part.reach, part.places, shape, weights, kept, words, room, of_x, found
    )
    return torch.from_numpy(of_x).view(frames, streams, shape.width), found


def _room_back(shape: Shape) -> Room:
    elements, pairs, width = shape.tile * shape.width, shape.tile // 2, shape.width
    of_x = np.empty(elements, np.uint16)
    left, right = np.empty(pairs * width, np.uint32), np.empty((2, pairs * width), np.uint32)
    halves, of_z = np.empty((2, elements), np.float32), np.empty(elements, np.float32)
    return Room(halves, of_z, of_x, _words(of_x), left, right, np.empty(pairs * shape.skip, np.uint32))


def _no_gradients(part: Part) -> Gradients:
    shape, layers = part.shape, len(part.reach)
    square = shape.width * shape.width
    of_bias = shape.rows // shape.block * shape.width
    sizes = ((2, of_bias), (2, square), (2, square), (1, square), (1, shape.width), (1, shape.width * shape.skip))
    return Gradients(*(np.zeros((layers * halves, size), np.float32) for halves, size in sizes))


def _after(parts: Sequence[Part], past: Sequence[Tensor], x: Tensor) -> list[Tensor]:
    """Of each layer its last inputs [dilation x B x C]."""
    after = [torch.empty(len(before), *x.shape[1:], dtype=torch.bfloat16) for before in past]
    for part in parts:
        for layer, own in enumerate(after):
            end = part.places[layer] + part.reach[layer] + part.shape.rows
            last = part.kept.heard[(end - part.reach[layer]) * part.shape.width : end * part.shape.width]
            own[:, part.streams] = (
                torch.from_numpy(last.view(np.int16)).view(torch.bfloat16).view_as(own[:, part.streams])
            )
    return after


def _forward_weights(w: StackWeights) -> ForwardWeights:
    """All but the bias, which is each part's own."""
    past, now = map(pairs_of, _taps_by_half(w.taps))
    nothing = np.zeros((0, 0), np.float32)
    return ForwardWeights(
        nothing, past, now, pairs_of(2 * w.residual), floats_of(w.residual_bias), pairs_of(2 * w.skip)
    )


def _backward_weights(w: StackWeights) -> BackwardWeights:
    matrices = (*_taps_by_half(w.taps), 2 * w.residual, 2 * w.skip)
    return BackwardWeights(*(pairs_of(matrix.mT) for matrix in matrices))


def _taps_by_half(taps: Tensor) -> tuple[Tensor, Tensor]:
    """The past one and the present one [2L x C x C] of taps [L x 2C x 2C]."""
    layers, both, _ = taps.shape
    past, now = (
        taps.view(layers, 2, both // 2, 2, both // 2).permute(1, 0, 3, 2, 4).reshape(2, -1, both // 2, both // 2)
    )
    return past, now


def _both_halves(past: Tensor, now: Tensor, like: Tensor) -> Tensor:
    """The way back from `_taps_by_half`."""
    layers, both, _ = like.shape
    found = torch.stack([past, now]).view(2, layers, 2, both // 2, both // 2)
    return found.permute(1, 0, 3, 2, 4).reshape(like.shape)


def _bias_by_half(bias: Tensor) -> NDArray[np.float32]:
    """[2L x blocks * B * C] of a bias [L x blocks x B x 2C]."""
    layers, blocks, streams, both = bias.shape
    halves = bias.float().reshape(layers, blocks, streams, 2, both // 2).permute(0, 3, 1, 2, 4)
    return halves.reshape(2 * layers, -1).numpy()


def _both_biases(found: NDArray[np.float32], like: Tensor) -> Tensor:
    """The way back from `_bias_by_half`."""
    layers, blocks, streams, both = like.shape
    halves = torch.from_numpy(found).view(layers, 2, blocks, streams, both // 2)
    return halves.permute(0, 2, 3, 1, 4).reshape(like.shape)


def _words(halves: Halves) -> NDArray[np.uint32]:
    return halves.view(np.uint32)


def _summed(of_parts: Sequence[NDArray[np.float32]]) -> Tensor:
    return torch.from_numpy(np.sum(of_parts, axis=0) if len(of_parts) > 1 else of_parts[0])

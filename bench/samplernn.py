"""How fast a SampleRNN draws on one core, beside plain cached loops in torch measured in the same run.

`samplernn_draws_per_s` is of the network that textures are drawn with, 64 streams together, beside one of the size
that public ones have; `…_same_network_…` beside itself in torch; `…_stream_…` of a single stream, as a room draws.
`…_multiply_adds_per_s` is the first in multiply-adds, beside the most that a compiled loop reaches which does nothing
else. `samplernn_training_values_per_s` stands beside what torch's own product of large matrices allows. Seconds are
those that the drawing thread had a core for, so that other work on the machine counts less.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Measurement, median
from bench.multiply_add_peak import multiply_adds_per_s
from bench.wavenet_training import PASSES, one_thread, peak_flops, values_per_s
from models.textures.audio.mu_law import BLOCK_FRAMES
from models.textures.products.panels import random_parameters
from models.textures.samplernn.drawing import Drawing
from models.textures.samplernn.network import SampleRnn
from models.textures.samplernn.packing import pack
from models.textures.samplernn.sizes import PUBLIC, SampleRnnSizes
from models.textures.samplernn.torch_drawing import TorchDrawing
from models.textures.waveform.plan_conditions import INPUTS

SIZES: Final = SampleRnnSizes(told=INPUTS)
STREAMS: Final = 64
TORCH: Final = "the same in torch, cached loop"


def measure() -> dict[str, Measurement]:
    together, alone = _draws_per_s(SIZES, STREAMS), _draws_per_s(SIZES, 1)
    with one_thread():
        public, same = _torch_draws_per_s(PUBLIC, STREAMS), _torch_draws_per_s(SIZES, STREAMS)
        same_alone = _torch_draws_per_s(SIZES, 1)
        values = values_per_s(SIZES)
        allowed = peak_flops() / (2 * PASSES * SIZES.multiply_adds)
    return {
        "samplernn_draws_per_s": Measurement(
            together, "draws/s", public, "torch, cached loop, as large as public ones", at_least=10.0
        ),
        "samplernn_same_network_draws_per_s": Measurement(together, "draws/s", same, TORCH),
        "samplernn_stream_draws_per_s": Measurement(alone, "draws/s", same_alone, TORCH, at_least=10.0),
        "samplernn_multiply_adds_per_s": Measurement(
            together * SIZES.multiply_adds, "1/s", multiply_adds_per_s(), "a compiled loop's peak"
        ),
        "samplernn_training_values_per_s": Measurement(values, "values/s", allowed, "the matrix peak allows"),
    }


def _draws_per_s(sizes: SampleRnnSizes, streams: int) -> float:
    """Draws per second of all streams together, by one thread."""
    blocks = 1 if streams > 1 else 16
    packed = pack(random_parameters(sizes, np.random.default_rng(1)), sizes)
    drawing = Drawing(packed, *_told(sizes, 64, streams), seed=1, predictors=_taps(sizes, 64, streams))
    drawing.advance()  # compiled, and in the cache
    return blocks * BLOCK_FRAMES * streams / median(lambda: _advance_s(drawing, blocks))


def _torch_draws_per_s(sizes: SampleRnnSizes, streams: int) -> float:
    drawing = TorchDrawing(SampleRnn(sizes), *_told(sizes, 2, streams), 1, predictors=_taps(sizes, 2, streams))
    drawing.advance()
    return BLOCK_FRAMES * streams / _advance_s(drawing, 1)


def _told(sizes: SampleRnnSizes, blocks: int, streams: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    styles = np.eye(len(sizes.styles), dtype=np.float32)[np.zeros(streams, int)]
    return styles, np.zeros((blocks, streams, sizes.conditions), np.float32)


def _taps(sizes: SampleRnnSizes, blocks: int, streams: int) -> NDArray[np.float32] | None:
    """Taps of linear prediction; that of nothing takes as long as any."""
    order = sizes.predictor_order
    return np.zeros((blocks, streams, order), np.float32) if order else None


def _advance_s(drawing: Drawing | TorchDrawing, blocks: int) -> float:
    began_s = time.thread_time()
    for _ in range(blocks):
        drawing.advance()
    return time.thread_time() - began_s

"""How fast WaveNets draw on one core, beside a plain cached loop in torch measured in the same run.

`wavenet_classic_draws_per_s` is of the usual published configuration, all streams together; `…_shipped_stream_…` of
a network that ships, a single stream; `…_multiply_adds_per_s` is the first in multiply-adds, beside the most that a
compiled loop reaches which does nothing else. Seconds are those that the drawing thread had a core for, so that other
work on the machine counts less.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Measurement, median
from bench.multiply_add_peak import multiply_adds_per_s
from bench.wavenet_training import multiply_adds, one_thread
from models.textures.audio.mu_law import BLOCK_FRAMES
from models.textures.network_file import load_network, texture_networks
from models.textures.products.panels import random_parameters
from models.textures.wavenet.drawing import Drawing
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.packing import Packed, pack
from models.textures.wavenet.sizes import CLASSIC, WaveNetSizes
from models.textures.wavenet.torch_drawing import TorchDrawing

CLASSIC_STREAMS: Final = 32
REFERENCE_IS: Final = "torch, cached loop, one stream"


def measure() -> dict[str, Measurement]:
    classic = _draws_per_s(pack(random_parameters(CLASSIC, np.random.default_rng(1)), CLASSIC.dilations), CLASSIC)
    packed, sizes = _shipped()
    shipped = _draws_per_s(packed, sizes, streams=1)
    per_draw = multiply_adds(CLASSIC)
    return {
        "wavenet_classic_draws_per_s": Measurement(
            classic, "draws/s", _torch_draws_per_s(CLASSIC), REFERENCE_IS, at_least=100.0
        ),
        "wavenet_multiply_adds_per_s": Measurement(
            classic * per_draw, "1/s", multiply_adds_per_s(), "a compiled loop's peak", at_least=0.5
        ),
        "wavenet_shipped_stream_draws_per_s": Measurement(
            shipped, "draws/s", _torch_draws_per_s(sizes), REFERENCE_IS, at_least=50.0
        ),
    }


def _shipped() -> tuple[Packed, WaveNetSizes]:
    """The first WaveNet that ships."""
    networks = (load_network(name) for name in texture_networks())
    made = ((network.packed, network.sizes) for network in networks)
    return next((p, sizes) for p, sizes in made if isinstance(p, Packed) and isinstance(sizes, WaveNetSizes))


def _draws_per_s(packed: Packed, sizes: WaveNetSizes, streams: int = CLASSIC_STREAMS) -> float:
    """Draws per second of all streams together, by one thread."""
    blocks = 1 if streams > 1 else 16
    styles = np.eye(len(sizes.styles), dtype=np.float32)[np.zeros(streams, int)]
    conditions = np.zeros((64, streams, sizes.conditions), np.float32)
    drawing = Drawing(packed, styles, conditions, seed=1, predictors=_predictors(sizes, len(conditions), streams))
    drawing.advance()  # compiled, and in the cache
    return blocks * BLOCK_FRAMES * streams / median(lambda: _advance_s(drawing, blocks))


def _advance_s(drawing: Drawing | TorchDrawing, blocks: int) -> float:
    began_s = time.thread_time()
    for _ in range(blocks):
        drawing.advance()
    return time.thread_time() - began_s


def _predictors(sizes: WaveNetSizes, blocks: int, streams: int) -> NDArray[np.float32] | None:
    """Taps of linear prediction, for a network that is told what it expects; that of nothing takes as long as any."""
    order = sizes.predictor_order
    return np.zeros((blocks, streams, order), np.float32) if order else None


def _torch_draws_per_s(sizes: WaveNetSizes) -> float:
    """Draws per second of the plain cached loop, one thread."""
    with one_thread():
        styles = np.eye(len(sizes.styles), dtype=np.float32)[:1]
        conditions = np.zeros((2, 1, sizes.conditions), np.float32)
        drawing = TorchDrawing(WaveNet(sizes), styles, conditions, 1, predictors=_predictors(sizes, 2, 1))
        drawing.advance()
        return BLOCK_FRAMES / _advance_s(drawing, 1)

"""How fast WaveNets draw on one core, beside a plain cached loop in torch measured in the same run.

`wavenet_classic_draws_per_s` is of the usual published configuration, all streams together; `…_shipped_stream_…` of
the network in `models/weights/air`, a single stream. Seconds are those that the drawing thread had a core for, so that
other work on the machine counts less.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np
import torch

from bench.measurement import Measurement
from engine.errors import WeightsError
from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.network_file import load_network
from models.textures.wavenet.drawing import Drawing
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.packing import Packed, pack
from models.textures.wavenet.sizes import CLASSIC, WaveNetSizes, random_parameters
from models.textures.wavenet.torch_drawing import TorchDrawing

SHIPPED: Final = "air"
CLASSIC_STREAMS: Final = 32
CLASSIC_LEAST_PER_S: Final = 26_500.0
"""A hundred times what public implementations with cached generation reach."""
SHIPPED_LEAST_PER_S: Final = 2.0 * RATE_HZ
REPEATS: Final = 4
"""The quickest counts."""
REFERENCE_IS: Final = "torch, one stream"


def measure() -> dict[str, Measurement]:
    rng = np.random.default_rng(1)
    classic = pack(random_parameters(CLASSIC, rng), CLASSIC.dilations)
    shipped = load_network(SHIPPED)
    if not isinstance(shipped.sizes, WaveNetSizes) or shipped.packed is None:
        raise WeightsError(f"{SHIPPED} is no WaveNet; name one in SHIPPED")
    rows: dict[str, tuple[Packed, WaveNetSizes, int, float]] = {
        "wavenet_classic_draws_per_s": (classic, CLASSIC, CLASSIC_STREAMS, CLASSIC_LEAST_PER_S),
        "wavenet_shipped_stream_draws_per_s": (shipped.packed, shipped.sizes, 1, SHIPPED_LEAST_PER_S),
    }
    return {
        name: Measurement(
            _draws_per_s(packed, sizes, streams),
            "draws/s",
            limit=least,
            better="more",
            reference=_torch_draws_per_s(sizes),
            reference_is=REFERENCE_IS,
        )
        for name, (packed, sizes, streams, least) in rows.items()
    }


def _draws_per_s(packed: Packed, sizes: WaveNetSizes, streams: int) -> float:
    """Draws per second of all streams together, by one thread."""
    blocks = 1 if streams > 1 else 24
    styles = np.eye(len(sizes.styles), dtype=np.float32)[np.zeros(streams, int)]
    conditions = np.zeros(((1 + REPEATS) * blocks, streams, sizes.conditions), np.float32)
    drawing = Drawing(packed, styles, conditions, seed=1)
    drawing.advance()  # compiled, and in the cache
    best_s = float("inf")
    for _ in range(REPEATS):
        began_s = time.thread_time()
        for _ in range(blocks):
            drawing.advance()
        best_s = min(best_s, time.thread_time() - began_s)
    return blocks * BLOCK_FRAMES * streams / best_s


def _torch_draws_per_s(sizes: WaveNetSizes) -> float:
    """Draws per second of the plain cached loop, one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(1)
        styles = np.eye(len(sizes.styles), dtype=np.float32)[:1]
        drawing = TorchDrawing(WaveNet(sizes), styles, np.zeros((2, 1, sizes.conditions), np.float32), seed=1)
        drawing.advance()
        began_s = time.thread_time()
        drawing.advance()
        return BLOCK_FRAMES / (time.thread_time() - began_s)
    finally:
        torch.set_num_threads(threads)

"""How fast WaveNets draw on one core, beside a plain cached loop in torch measured in the same run.

Seconds are those that the drawing thread had a core for, so that other work on the machine does not count.
"""

from __future__ import annotations

import time
from typing import Any, Final

import numpy as np

from models.texture_conditions import BLOCK_FRAMES
from models.wavenet_drawing import Drawing, pack
from models.wavenet_sizes import CLASSIC, WaveNetSizes

CLASSIC_STREAMS: Final = 32
REPEATS: Final = 3
CLASSIC_TARGET_PER_S: Final = 26_500.0
SHIPPED_TARGET_PER_S: Final = 32_000.0


def rows() -> list[dict[str, Any]]:
    """Rows for the bench: name, value, unit, reference (the torch loop), and what the reference is."""
    found = []
    for name, sizes, streams, target in (
        ("wavenet_classic_draws_per_s", CLASSIC, CLASSIC_STREAMS, CLASSIC_TARGET_PER_S),
        ("wavenet_shipped_stream_draws_per_s", WaveNetSizes(), 1, SHIPPED_TARGET_PER_S),
    ):
        found.append(
            {
                "name": name,
                "value": round(draws_per_s(sizes, streams, 1 if streams > 1 else 24)),
                "unit": "draws/s",
                "reference": round(torch_draws_per_s(sizes)),
                "reference_is": "plain cached loop in torch, one stream, same run",
                "target": target,
            }
        )
    return found


def draws_per_s(sizes: WaveNetSizes, streams: int, blocks: int) -> float:
    """Draws per second of all streams together, best of some runs, by one thread."""
    rng = np.random.default_rng(1)
    packed = pack(random_parameters(sizes, rng), sizes.dilations)
    styles = np.eye(len(sizes.styles), dtype=np.float32)[np.zeros(streams, int)]
    conditions = np.zeros(((1 + REPEATS) * blocks, streams, sizes.conditions), np.float32)
    drawing = Drawing(packed, styles, conditions, seed=1)
    drawing.advance()  # compiles
    best_s = float("inf")
    for _ in range(REPEATS):
        began = time.thread_time()
        for _ in range(blocks):
            drawing.advance()
        best_s = min(best_s, time.thread_time() - began)
    return blocks * BLOCK_FRAMES * streams / best_s


def torch_draws_per_s(sizes: WaveNetSizes) -> float:
    """Draws per second of the plain cached loop, one stream, one thread."""
    import torch

    from models.wavenet import WaveNet
    from models.wavenet_torch_drawing import TorchDrawing

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        torch.manual_seed(1)
        styles = np.eye(len(sizes.styles), dtype=np.float32)[:1]
        drawing = TorchDrawing(WaveNet(sizes), styles, np.zeros((2, 1, sizes.conditions), np.float32), seed=1)
        drawing.advance()
        began = time.thread_time()
        drawing.advance()
        return BLOCK_FRAMES / (time.thread_time() - began)
    finally:
        torch.set_num_threads(threads)


def random_parameters(sizes: WaveNetSizes, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Parameters of an untrained network in half precision, as shipped ones are."""
    layers, width, skip, head = sizes.layers, sizes.channels, sizes.skip_channels, sizes.head_channels
    shapes = {
        "embedding": (256, width),
        "tap_past": (layers, width, 2 * width),
        "tap_now": (layers, width, 2 * width),
        "gate_bias": (layers, 2 * width),
        "style": (layers, len(sizes.styles), 2 * width),
        "condition": (layers, sizes.conditions, 2 * width),
        "residual": (layers, width, width),
        "residual_bias": (layers, width),
        "skip": (layers, width, skip),
        "skip_bias": (skip,),
        "head": (skip, head),
        "head_bias": (head,),
        "out": (head, 256),
        "out_bias": (256,),
    }
    return {
        name: (0.5 * rng.standard_normal(shape) * shape[-1] ** -0.5).astype(np.float16)
        for name, shape in shapes.items()
    }

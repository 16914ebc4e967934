"""How many values a second a WaveNet learns from on one thread, beside what the machine's matrix peak allows.

The network is the one that textures are trained with, told a plan; its corpus is noise, for the time does not depend on
what is heard. The peak is that of torch's own product of large square matrices, in whichever type is quickest here.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import torch

from bench.measurement import Measurement, median
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES
from models.textures.spectral.bands import BANDS
from models.textures.training.pieces import Prepared
from models.textures.training.waves import WavePlan, WaveTraining
from models.textures.wave_networks import WaveSizes
from models.textures.waveform.plan_conditions import INPUTS
from models.textures.wavenet.sizes import WaveNetSizes

PLAN: Final = WavePlan()
STEPS: Final = 2
PIECE_BLOCKS: Final = 600
SQUARE: Final = 1024
PASSES: Final = 3
"""Forward, and backward to the input and to the weights."""
AT_LEAST: Final = 0.6


def measure() -> dict[str, Measurement]:
    sizes = WaveNetSizes(told=INPUTS)
    with one_thread():
        allowed = peak_flops() / (2 * PASSES * multiply_adds(sizes))
        values = values_per_s(sizes)
    return {
        "wavenet_training_values_per_s": Measurement(
            values, "values/s", allowed, "the matrix peak allows", at_least=AT_LEAST
        )
    }


def multiply_adds(sizes: WaveNetSizes) -> int:
    """Of the matrix products through which one value goes."""
    width, skip, head = sizes.channels, sizes.skip_channels, sizes.head_channels
    return sizes.layers * width * (2 * 2 * width + width + skip) + skip * head + head * CLASSES


def peak_flops() -> float:
    """Operations a second of torch's product of large matrices, in the type that is quickest here."""
    return max(_product_flops(kind) for kind in (torch.float32, torch.bfloat16))


@contextmanager
def one_thread() -> Iterator[None]:
    """torch, held to one thread for a while."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _product_flops(kind: torch.dtype) -> float:
    square = torch.ones(SQUARE, SQUARE, dtype=kind)
    _seconds(lambda: square @ square)
    return 2 * SQUARE**3 / median(lambda: _seconds(lambda: square @ square))


def values_per_s(sizes: WaveSizes) -> float:
    """Values from which a network of waves learns in a second, forward, backward and optimiser."""
    with tempfile.TemporaryDirectory() as folder:
        training = WaveTraining(Path(folder), [_noise(1)], [_noise(2)], sizes, PLAN)
        training.learn()
        took_s = median(lambda: _seconds(lambda: [training.learn() for _ in range(STEPS)]))
    return STEPS * PLAN.streams * PLAN.frames / took_s


def _noise(seed: int) -> Prepared:
    rng = np.random.default_rng(seed)
    return Prepared(
        levels=rng.normal(-4.0, 1.0, (2, PIECE_BLOCKS, BANDS)).astype(np.float16),
        classes=rng.integers(0, CLASSES, PIECE_BLOCKS * BLOCK_FRAMES).astype(np.uint8),
        scale=np.ones(12, np.float32),
        style=0,
    )


def _seconds(work: Callable[[], object]) -> float:
    begun_s = time.thread_time()
    work()
    return time.thread_time() - begun_s

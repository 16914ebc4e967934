"""How fast plans are drawn, made into levels and into sound, on one core, beside torch and beside what is possible.

`spectra_plan_…` is the transformer, `spectra_decoder_…` the codec's way back, `spectra_phases_…` phases and sound.
`texture_…_x_realtime` is a whole texture of each network that ships, with what is drawn ahead of it and thrown away.
Seconds are those that the drawing thread had a core for, so that other work on the machine counts less.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np
import scipy.fft
import torch
from numpy.typing import NDArray

from bench.measurement import Measurement, median
from bench.multiply_add_peak import multiply_adds_per_s
from bench.torch_plan import TorchPlan
from bench.wavenet_training import one_thread
from models.common.weights import load_weights
from models.textures.drawing import TextureDraw, draw_all
from models.textures.network_file import load_network
from models.textures.spectral.bands import BANDS
from models.textures.spectral.codec import CHANNELS, Codec, CodecSizes
from models.textures.spectral.decoding import STEP_FRAMES
from models.textures.spectral.network_file import CODEC, PLAN, SPECTRAL, PlanNetwork, under
from models.textures.spectral.phases import ROUNDS, sounding
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_drawing import PlanDrawing, conditions_for
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.spectral.transform import HOP, RATE_HZ, WINDOW
from models.textures.training.checkpoints import take_over

COLUMNS: Final = 60
DECODED: Final = 16
FRAMES: Final = 500
TEXTURE_S: Final = 40.0
"""What is drawn ahead and thrown away counts less; a room draws textures of this length."""
TWICE: Final = 2.0
TORCH: Final = "torch, one thread"
PEAK: Final = "a compiled loop's peak"
REALTIME: Final = "real time"


def measure() -> dict[str, Measurement]:
    network = load_network("spectra")
    arrays, _ = load_weights(network.path, SPECTRAL)
    sizes = network.plan.sizes
    plan, codec = Plan(sizes), Codec(CodecSizes(groups=sizes.groups, levels=sizes.levels))
    take_over(plan, under(arrays, PLAN))
    take_over(codec, under(arrays, CODEC))
    peak = multiply_adds_per_s()
    return plan_rows(network.plan, plan, peak) | decoder_rows(network.plan, codec, peak) | sound_rows()


def plan_rows(known: PlanNetwork, plan: Plan, peak: float) -> dict[str, Measurement]:
    told = conditions_for(known.sizes, 0, (0, 2, 4, 7, 9))
    columns_per_s = COLUMNS / spent_s(lambda: begun(known, told).advance(COLUMNS))
    with one_thread():
        torch_per_s = COLUMNS / spent_s(lambda: drawn_by_torch(plan, told))
    column_s = STEP_FRAMES * HOP / RATE_HZ
    return {
        "spectra_plan_columns_per_s": Measurement(columns_per_s, "columns/s", torch_per_s, TORCH, at_least=2.0),
        "spectra_plan_multiply_adds_per_s": Measurement(
            columns_per_s * plan_multiply_adds(known.sizes), "1/s", peak, PEAK
        ),
        "spectra_plan_x_realtime": Measurement(columns_per_s * column_s, "s/s", 1.0, REALTIME, at_least=TWICE),
    }


def begun(known: PlanNetwork, told: NDArray[np.float32]) -> PlanDrawing:
    return PlanDrawing(known.weights, known.sizes, told, COLUMNS, seed=1, stream=0)


def drawn_by_torch(plan: Plan, told: NDArray[np.float32]) -> None:
    loop = TorchPlan(plan, torch.from_numpy(told), COLUMNS)
    for _ in range(COLUMNS):
        loop.advance()


def plan_multiply_adds(sizes: PlanSizes) -> int:
    """Of the products that one column takes; what attention adds is small beside them."""
    numbers = 3 * 2 * sizes.numbers
    back = 12 * sizes.layers * sizes.width**2 + sizes.width * sizes.row_width
    token = 12 * sizes.row_layers * sizes.row_width**2 + sizes.row_width * sizes.codes
    return back + sizes.tokens * token + sizes.rows * numbers * sizes.row_width


def decoder_rows(known: PlanNetwork, codec: Codec, peak: float) -> dict[str, Measurement]:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, known.sizes.codes, (DECODED, known.sizes.tokens))
    noise = known.decoder.noise(DECODED, rng)
    frames = DECODED * STEP_FRAMES
    frames_per_s = frames / spent_s(lambda: known.decoder.part(codes, noise, 0, DECODED))
    told = torch.from_numpy(codes).view(1, DECODED, known.sizes.rows, known.sizes.groups)
    fine, whole = (torch.from_numpy(part)[None] for part in noise)
    with one_thread(), torch.no_grad():
        torch_per_s = frames / spent_s(lambda: codec.decoder(codec.latents(told), fine, whole))
    return {
        "spectra_decoder_frames_per_s": Measurement(frames_per_s, "frames/s", torch_per_s, TORCH),
        "spectra_decoder_multiply_adds_per_s": Measurement(
            frames_per_s * decoder_multiply_adds(codec), "1/s", peak, PEAK
        ),
        "spectra_decoder_x_realtime": Measurement(frames_per_s * HOP / RATE_HZ, "s/s", 1.0, REALTIME, at_least=TWICE),
    }


def decoder_multiply_adds(codec: Codec) -> float:
    """Of one frame: the numbers of each layer's weights, times the places at which it stands, over the frames."""
    places = {"enter": 8 * 16, "coarse": 8 * 16, "to_middle": 8 * 16, "middle": 8 * 8, "to_fine": 8 * 8}
    places |= {"fine": 4 * 4, "to_levels": 4 * 4, "finish": 1, "last": 1}
    total = 0.0
    for name, values in codec.decoder.named_parameters():
        if name.endswith("weight"):
            total += values.numel() * BANDS / places[name.split(".")[0]]
    return total


def sound_rows() -> dict[str, Measurement]:
    levels = np.random.default_rng(1).normal(-1.0, 1.0, (FRAMES, BANDS)).astype(np.float32)
    phases_s = spent_s(lambda: sounding(levels, ROUNDS, np.random.default_rng(1)))
    stereo_s = FRAMES * HOP / RATE_HZ / CHANNELS
    rows = {
        "spectra_phases_frames_per_s": Measurement(
            FRAMES / phases_s, "frames/s", FRAMES / spent_s(transforms), "its Fourier transforms alone"
        ),
        "spectra_phases_x_realtime": Measurement(
            stereo_s / phases_s, "s/s", 1.0, "real time, two channels", at_least=TWICE
        ),
    }
    for name in ("spectra", "air", "haze"):
        rows[f"texture_{name}_x_realtime"] = Measurement(
            TEXTURE_S / texture_s(name), "s/s", 1.0, REALTIME, at_least=TWICE
        )
    return rows


def texture_s(name: str) -> float:
    """Of one texture: it takes a quarter of a minute, in which what disturbs it has its mean."""
    network = load_network(name)
    draw_all(TextureDraw(network, "pads", 1, 1.0, seed=1))  # compiled
    return _once_s(lambda: draw_all(TextureDraw(network, "pads", 1, TEXTURE_S, seed=1)))


def transforms() -> None:
    """As many as a search for phases has: one way and back in each round, and the last way back."""
    spectra = np.ones((FRAMES, WINDOW // 2 + 1), np.complex64)
    for _ in range(ROUNDS):
        scipy.fft.rfft(scipy.fft.irfft(spectra, WINDOW, axis=1), axis=1)
    scipy.fft.irfft(spectra, WINDOW, axis=1)


def spent_s(work: Callable[[], object]) -> float:
    """Seconds that this thread had a core for, the median of some; what must be compiled is so beforehand."""
    work()
    return median(lambda: _once_s(work))


def _once_s(work: Callable[[], object]) -> float:
    begun_s = time.thread_time()
    work()
    return time.thread_time() - begun_s

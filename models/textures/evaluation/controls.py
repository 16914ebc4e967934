"""What a texture network is compared with: itself before it learnt, and white noise through all that follows it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import scipy.signal
import torch
from numpy.typing import NDArray

from models.textures.audio.mu_law import BLOCK_FRAMES, EMPHASIS, GAIN
from models.textures.drawing import TextureDraw, draw_all
from models.textures.network_file import TextureNetwork
from models.textures.spectral.arithmetic import compiled
from models.textures.spectral.codec import Codec, CodecSizes
from models.textures.spectral.decoding import Decoder
from models.textures.spectral.network_file import PlanNetwork
from models.textures.spectral.plan import Plan
from models.textures.spectral.plan_drawing import plan_weights
from models.textures.spectral.plan_sizes import PlanSizes
from models.textures.torch_networks import network_of
from models.textures.wave_networks import packed
from models.textures.waveform.plan_conditions import predictors
from models.textures.waveform.sketch import fading, sketch_of

SEED: Final = 1
UNTRAINED: Final = "untrained"
ORDER: Final = 256
"""Of the predictors, as networks of waves have it."""
LEFT_BY_SKETCH: Final = 0.5
"""Of what predictors leave of real sound: with a sketch beside them they leave half as much, 6 dB less."""


def untrained(like: TextureNetwork) -> TextureNetwork:
    """The same network as it was before it learnt, its plan too."""
    torch.manual_seed(SEED)
    plan = untrained_plan(like.plan)
    if isinstance(like.sizes, PlanSizes):
        return replace(like, era=UNTRAINED, plan=plan)
    return replace(untrained_waves(like), plan=plan)


def untrained_waves(like: TextureNetwork) -> TextureNetwork:
    """A network of waves as it was before it learnt, told the plan that it follows today: what is heard is the plan's,
    and linear prediction's. Raises `WeightsError` for a network that is a plan and nothing more."""
    torch.manual_seed(SEED)
    _, sizes = like.waves
    arrays = {name: values.detach().numpy() for name, values in network_of(sizes).named_parameters()}
    return replace(like, era=UNTRAINED, packed=packed(arrays, sizes))


def untrained_plan(like: PlanNetwork) -> PlanNetwork:
    weights = {name: values.detach().numpy() for name, values in Plan(like.sizes).named_parameters()}
    codec = Codec(CodecSizes(groups=like.sizes.groups, levels=like.sizes.levels))
    arrays = {name: values.detach().numpy() for name, values in codec.decoder.named_parameters()}
    decoder = Decoder(arrays, like.sizes.levels, like.sizes.groups)
    return replace(like, weights=plan_weights(weights, like.sizes), decoder=decoder, calibration={})


def noise_instead(
    network: TextureNetwork, style: str, count: int, seconds: float, seed: int = SEED
) -> list[NDArray[np.float32]]:
    """Sounds as a network's are made, with white noise for what it draws, and its plan as usual. Of a plan that is made
    sound by itself, all codes are equally likely."""
    if network.packed is None:
        even = replace(network.plan, weights=without_scores(network.plan.weights), calibration={})
        return draw_all(TextureDraw(replace(network, plan=even), style, count, seconds, seed))
    draw, (_, sizes) = TextureDraw(network, style, count, seconds, seed), network.waves
    while not all(plan.done for plan in draw.plans):
        draw.advance(8)
    return [excited(plan.levels[0], n, sizes.sketch_memory) for n, plan in enumerate(draw.plans)]


def without_scores(weights: Any) -> Any:
    return weights._replace(head=np.zeros_like(weights.head), head_bias=np.zeros_like(weights.head_bias))


def excited(levels: NDArray[np.float32], stream: int, sketch_memory: float = 0.0) -> NDArray[np.float32]:
    """White noise through the predictors that levels [blocks x BANDS] tell, as loud as these say; about a sketch of the
    levels, if a network with such a memory would have one."""
    taps, errors = predictors(levels, ORDER)
    noise = np.random.default_rng([SEED, stream]).standard_normal(len(taps) * BLOCK_FRAMES)
    noise *= np.repeat(np.exp(errors.astype(np.float64)), BLOCK_FRAMES)
    if not sketch_memory:
        values = filtered(noise, taps.astype(np.float64), BLOCK_FRAMES)
    else:
        away = filtered(LEFT_BY_SKETCH * noise, fading(taps, sketch_memory).astype(np.float64), BLOCK_FRAMES)
        values = away + sketch_of(levels, np.random.default_rng([SEED, stream, 5]))
    return np.asarray(scipy.signal.lfilter([1.0 / GAIN], [1.0, -EMPHASIS], values), dtype=np.float32)


@compiled
def filtered(noise: Any, taps: Any, block: int) -> Any:
    """Values [frames], each its noise and what its block's predictor [blocks x order] makes of those before."""
    order = taps.shape[1]
    values = np.zeros(len(noise) + order)
    for i in range(len(noise)):
        total = noise[i]
        for k in range(order):
            total += values[i + k] * taps[i // block, k]
        values[order + i] = min(max(total, -1.0), 1.0)
    return values[order:]

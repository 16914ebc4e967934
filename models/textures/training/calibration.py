"""How the last layer of a plan learns to write each digit as often as real pieces do: drawn, counted, set right.

The same as the last step of a maximum entropy model (Berger, Della Pietra and Della Pietra 1996,
https://aclanthology.org/J96-1002/), whose constraints are how often digits are; but a small part of the way at a time.
A drawing goes on from what it wrote, so half of the way would carry it 8 dB beyond the real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.sampling_preset import SamplingPreset
from models.textures.spectral.calibration import calibrated
from models.textures.spectral.network_file import PlanNetwork
from models.textures.spectral.plan_drawing import PlanDrawing, PlanWeights, conditions_for

STEPS: Final = (0.2, 0.07, 0.07)
"""Of the logarithm of how much too rare a digit is; the mean of what the last two come to is kept."""
STREAMS: Final = 48
FIRST, LAST = 32, 170
"""Columns that are counted, 4 to 22 s: pieces begin from silence, and textures lie in their midst."""
LEAST: Final = 0.01
"""Added to every share, for what was never drawn is not impossible."""
Floats = NDArray[np.float64]


def calibration(
    network: PlanNetwork, style: int, real: Sequence[NDArray[Any]], preset: SamplingPreset, seed: int,
    streams: int = STREAMS, last: int = LAST,
) -> Floats:  # fmt: skip
    """Bias [tokens x digits] with which drawings of a style have the digits of `real` codes [columns x tokens]."""
    levels = network.sizes.levels
    wanted = np.mean([shares(codes[FIRST:last], levels) for codes in real], axis=0)
    bias, found = np.zeros_like(wanted), []
    for step, part in enumerate(STEPS):
        weights = calibrated(network.weights, bias, 1.0)
        drawn = [_drawn(network, weights, style, preset, last, (seed + step, n)) for n in range(streams)]
        have = np.mean([shares(codes[FIRST:], levels) for codes in drawn], axis=0)
        bias = bias + part * (np.log(wanted + LEAST) - np.log(have + LEAST))
        found.append(bias)
    return np.asarray(np.mean(found[-2:], axis=0))


def shares(codes: NDArray[Any], levels: Sequence[int]) -> Floats:
    """How often each digit is in codes [columns x tokens], [tokens x digits]; those of a level add up to 1."""
    rest, found = codes.astype(np.int64), []
    for count in levels:
        found += [(rest % count == digit).mean(axis=0) for digit in range(count)]
        rest = rest // count
    return np.stack(found, axis=1)


def _drawn(
    network: PlanNetwork,
    weights: PlanWeights,
    style: int,
    preset: SamplingPreset,
    columns: int,
    chance: tuple[int, int],
) -> NDArray[np.int64]:
    conditions = conditions_for(network.sizes, style, None)
    seed, stream = chance
    drawing = PlanDrawing(
        weights, network.sizes, conditions, columns, seed, stream, preset.temperature, preset.guidance
    )
    drawing.advance(columns)
    return drawing.codes

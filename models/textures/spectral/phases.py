"""Sound for levels: phases that are added up from their slopes, and a few rounds of Griffin-Lim to make them agree.

Reference:
  Perraudin, Balazs and Sondergaard 2013, "A Fast Griffin-Lim Algorithm", https://doi.org/10.1109/WASPAA.2013.6701851

Where a band is wider than a line of the spectrum, its level says nothing of the single lines. There a round keeps the
power of the band and leaves the lines as they come. Made to agree with straight lines between bands instead, noise
loses 1 dB and flutters half a decibel more from one moment to the next, which a classifier hears at once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.common.compiled import inner
from models.textures.spectral.arithmetic import compiled, exponentials, sine_cosine
from models.textures.spectral.bands import (
    DB_PER_NEPER,
    FINE_BINS,
    LEAST_POWER,
    NOUGHT_DB,
    TABLES,
    TOP_BIN,
    UNIT_DB,
    Levels,
    log_magnitudes,
)
from models.textures.spectral.phase_integration import integrated
from models.textures.spectral.transform import HOP, WINDOW, sound_of, spectra

BELL: Final = 0.25645 * WINDOW**2
"""The Gaussian that a Hann window is nearest to, as the paper's gamma."""
REACH_NEPER: Final = 11.5
"""100 dB below the loudest point phases are left to chance."""
ROUNDS: Final = 6
"""Of Griffin-Lim, after which more are not heard."""
INERTIA: Final = np.float32(0.99)
MOST_GAIN: Final = 7.0


def sounding(levels: Levels, rounds: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Sound [frames x HOP] whose `models.textures.spectral.bands.levels` are `levels` [frames x BANDS], nearly."""
    told = log_magnitudes(levels)
    magnitudes = exponential_of(told)
    powers = exponential_of((levels * UNIT_DB + NOUGHT_DB) * np.float32(2.0 / DB_PER_NEPER))
    chance = rng.random(told.shape) * 2.0 * np.pi
    wanted = polar(magnitudes, integrated(told, chance, HOP, WINDOW, BELL, REACH_NEPER))
    before: NDArray[np.complex64] | None = None
    for _ in range(rounds):
        agreed = spectra(sound_of(wanted))[: len(wanted)]
        correct(parts(agreed), parts(agreed if before is None else before), magnitudes, powers, TABLES, parts(wanted))
        before = agreed
    return sound_of(wanted)


def parts(numbers: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Real and imaginary parts in turn, [frames x 2 BINS], of complex numbers [frames x BINS], in the same memory."""
    return numbers.view(np.float32)


@compiled
def correct(agreed: Any, before: Any, magnitudes: Any, powers: Any, tables: Any, wanted: Any) -> None:
    """Makes `wanted` what a round comes to: what agrees now, further on its way since `before`, as loud as told.

    Parts of spectra are [frames x 2 BINS]; `magnitudes` of lines [frames x BINS] count where each has a band of its
    own, mean `powers` of bands [frames x BANDS] where it has not. `tables` are those of `spectral.bands`.
    """
    bins = magnitudes.shape[1]
    ahead = np.empty(2 * bins, np.float32)
    gains = np.empty(powers.shape[1])
    sums = np.zeros(bins + 1)
    for n in range(len(agreed)):
        for m in range(2 * bins):
            ahead[m] = agreed[n, m] + INERTIA * (agreed[n, m] - before[n, m])
        with_length(ahead, magnitudes[n], 0, FINE_BINS, wanted[n])
        with_power(ahead, powers[n], tables, sums, gains, wanted[n])
        with_length(ahead, magnitudes[n], TOP_BIN, bins, wanted[n])


@inner
def with_length(numbers: Any, magnitudes: Any, first: int, last: int, turned: Any) -> None:
    """Lines `first` to `last`: the directions of `numbers`, and `magnitudes`."""
    for m in range(first, last):
        real, imaginary = np.float64(numbers[2 * m]), np.float64(numbers[2 * m + 1])
        scale = magnitudes[m] / max(np.sqrt(real * real + imaginary * imaginary), 1e-12)
        turned[2 * m], turned[2 * m + 1] = real * scale, imaginary * scale


@compiled
def with_power(numbers: Any, powers: Any, tables: Any, sums: Any, gains: Any, turned: Any) -> None:
    """Lines from `FINE_BINS` to `TOP_BIN`: `numbers`, turned up or down until their bands have mean `powers`.

    As `models.textures.spectral.bands` has bands; `sums` [BINS + 1] and `gains` [BANDS] are room for it.
    """
    below, within, widths, left, share = tables
    for m in range(len(sums) - 1):
        real, imaginary = np.float64(numbers[2 * m]), np.float64(numbers[2 * m + 1])
        sums[m + 1] = sums[m] + (real * real + imaginary * imaginary)
    for band in range(len(gains)):
        a, b = below[band], below[band + 1]
        begins = sums[a] * (1.0 - within[band]) + sums[a + 1] * within[band]
        ends = sums[b] * (1.0 - within[band + 1]) + sums[b + 1] * within[band + 1]
        gain = np.sqrt(powers[band] / max((ends - begins) / widths[band], LEAST_POWER))
        gains[band] = min(max(gain, 1.0 / MOST_GAIN), MOST_GAIN)
    for m in range(FINE_BINS, TOP_BIN):
        gain = gains[left[m]] * (1.0 - share[m]) + gains[left[m] + 1] * share[m]
        turned[2 * m], turned[2 * m + 1] = numbers[2 * m] * gain, numbers[2 * m + 1] * gain


def exponential_of(values: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = np.array(values, np.float32).ravel()
    exponentials(flat, len(flat))
    return flat.reshape(values.shape)


@compiled
def polar(magnitudes: Any, phases: Any) -> Any:
    """complex64 of magnitudes and phases, both [frames x bins]."""
    numbers = np.empty(magnitudes.shape, np.complex64)
    for n in range(len(magnitudes)):
        for m in range(magnitudes.shape[1]):
            sine, cosine = sine_cosine(phases[n, m])
            numbers[n, m] = complex(magnitudes[n, m] * cosine, magnitudes[n, m] * sine)
    return numbers

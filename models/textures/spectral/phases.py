"""Sound for levels: phases by phase gradient heap integration, and a few rounds of Griffin-Lim to make them agree.

References:
  Prusa, Balazs and Sondergaard 2017, "A Noniterative Method for Reconstruction of Phase From STFT Magnitude",
    https://doi.org/10.1109/TASLP.2017.2678166
  Perraudin, Balazs and Sondergaard 2013, "A Fast Griffin-Lim Algorithm", https://doi.org/10.1109/WASPAA.2013.6701851

With a bell-shaped window the phase's slopes in time and frequency follow from those of the logarithm of the magnitude.
They are added up from the loudest points outwards, so that errors stay where it is quiet.

Where a band is wider than a line of the spectrum, its level says nothing of the single lines. There a round keeps the
power of the band and leaves the lines as they come. Made to agree with straight lines between bands instead, noise
loses 1 dB and flutters half a decibel more from one moment to the next, which a classifier hears at once.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.arithmetic import compiled, exponentials, sine_cosine
from models.textures.spectral.bands import (
    DB_PER_NEPER,
    FINE_BINS,
    NOUGHT_DB,
    TOP_BIN,
    UNIT_DB,
    Levels,
    band_powers,
    between_bands,
    log_magnitudes,
)
from models.textures.spectral.transform import HOP, WINDOW, sound_of, spectra

BELL: Final = 0.25645 * WINDOW**2
"""The Gaussian that a Hann window is nearest to, as the paper's gamma."""
REACH_NEPER: Final = 11.5
"""100 dB below the loudest point phases are left to chance."""
ROUNDS: Final = 6
"""Of Griffin-Lim, after which more are not heard."""
INERTIA: Final = 0.99
MOST_GAIN: Final = 7.0


def sounding(levels: Levels, rounds: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Sound [frames x HOP] whose `models.textures.spectral.bands.levels` are `levels` [frames x BANDS], nearly."""
    told = log_magnitudes(levels)
    magnitudes = exponential_of(told)
    powers = exponential_of((levels * UNIT_DB + NOUGHT_DB) * np.float32(2.0 / DB_PER_NEPER))
    chance = rng.random(told.shape) * 2.0 * np.pi
    wanted = polar(magnitudes, integrated(told.astype(np.float64), chance, HOP, WINDOW, BELL, REACH_NEPER))
    before = None
    for _ in range(rounds):
        agreed = spectra(sound_of(wanted))[: len(wanted)]
        ahead = agreed if before is None else agreed + INERTIA * (agreed - before)
        before = agreed
        wanted = with_length(ahead, magnitudes)
        wanted[:, FINE_BINS:TOP_BIN] = with_power(ahead, powers)[:, FINE_BINS:TOP_BIN]
    return sound_of(wanted)


def with_power(numbers: NDArray[np.complex64], powers: NDArray[np.float32]) -> NDArray[np.complex64]:
    """Spectra [frames x BINS] turned up or down until their bands have mean `powers` [frames x BANDS]."""
    gains = np.sqrt(powers / band_powers(numbers.real.astype(np.float64) ** 2 + numbers.imag.astype(np.float64) ** 2))
    return (numbers * between_bands(np.clip(gains, 1.0 / MOST_GAIN, MOST_GAIN))).astype(np.complex64)


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


@compiled
def with_length(numbers: Any, magnitudes: Any) -> Any:
    """complex64 of the directions of `numbers` and of `magnitudes`, both [frames x bins]."""
    turned = np.empty(magnitudes.shape, np.complex64)
    for n in range(len(magnitudes)):
        for m in range(magnitudes.shape[1]):
            real, imaginary = np.float64(numbers[n, m].real), np.float64(numbers[n, m].imag)
            scale = magnitudes[n, m] / max(np.sqrt(real * real + imaginary * imaginary), 1e-12)
            turned[n, m] = complex(real * scale, imaginary * scale)
    return turned


@compiled
def integrated(level: Any, chance: Any, hop: int, window: int, bell: float, reach: float) -> Any:
    """Phases [frames x bins] for log magnitudes [frames x bins]; `chance` where they are `reach` below the loudest."""
    frames, bins = level.shape
    in_time = np.zeros((frames, bins))
    in_pitch = np.zeros((frames, bins))
    for n in range(frames):
        for m in range(bins):
            up, down = min(m + 1, bins - 1), max(m - 1, 0)
            after, earlier = min(n + 1, frames - 1), max(n - 1, 0)
            in_time[n, m] = hop * window / bell * (level[n, up] - level[n, down]) / 2.0 + 2.0 * np.pi * hop * m / window
            in_pitch[n, m] = -bell / (hop * window) * (level[after, m] - level[earlier, m]) / 2.0
    phases = chance.copy()
    done = level < level.max() - reach
    order = np.argsort(-level.ravel())
    heap = np.zeros(frames * bins + 1, np.int64)
    flat = level.ravel()
    for start in order:
        if done[start // bins, start % bins]:
            continue
        done[start // bins, start % bins] = True
        phases[start // bins, start % bins] = 0.0
        count = 1
        heap[0] = start
        while count:
            at = heap[0]
            count -= 1
            heap[0] = heap[count]
            sink(heap, flat, count)
            n, m = at // bins, at % bins
            for side in range(4):
                nn, mm = n, m
                if side == 0:
                    nn = n + 1
                elif side == 1:
                    nn = n - 1
                elif side == 2:
                    mm = m + 1
                else:
                    mm = m - 1
                if nn < 0 or mm < 0 or nn >= frames or mm >= bins or done[nn, mm]:
                    continue
                if mm == m:
                    phases[nn, mm] = phases[n, m] + (nn - n) * 0.5 * (in_time[n, m] + in_time[nn, mm])
                else:
                    phases[nn, mm] = phases[n, m] + (mm - m) * 0.5 * (in_pitch[n, m] + in_pitch[nn, mm])
                done[nn, mm] = True
                heap[count] = nn * bins + mm
                rise(heap, flat, count)
                count += 1
    return phases


@compiled
def rise(heap: Any, level: Any, place: int) -> None:
    """Lets the entry at `place` of a heap, the loudest on top, come up to where it belongs."""
    while place:
        above = (place - 1) // 2
        if level[heap[above]] >= level[heap[place]]:
            return
        heap[above], heap[place] = heap[place], heap[above]
        place = above


@compiled
def sink(heap: Any, level: Any, count: int) -> None:
    """Lets the entry on top of a heap of `count` go down to where it belongs."""
    place = 0
    while True:
        below = 2 * place + 1
        if below >= count:
            return
        if below + 1 < count and level[heap[below + 1]] > level[heap[below]]:
            below += 1
        if level[heap[place]] >= level[heap[below]]:
            return
        heap[below], heap[place] = heap[place], heap[below]
        place = below

"""Sound as it is after a network's own mistakes, for it to learn how to come back from them.

A network that was taught on flawless sound alone is lost as soon as its own draws have left some noise: it has never
heard any, and holds it. So most of what it hears in training is disturbed, while what it shall say next stays clean,
as in LPCNet (Valin and Skoglund 2019, arXiv 1810.11846), which adds noise to its past for this reason.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from models.textures.audio.mu_law import RATE_HZ, compress, expand

CLEAN_SHARE: Final = 0.3
LEVEL_DB: Final = (-45.0, -8.0)
"""Of a disturbance beside the loudness of the moment, before its own swells."""
SWELL_DB: Final = (-14.0, 6.0)
SWELL_S: Final = 0.4
LOUDNESS_FRAMES: Final = 8192
QUIETEST: Final = 0.003
"""Loudness (RMS of coded values) that silence counts as."""


def disturbed(classes: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Classes [frames] with noise laid over them, or in `CLEAN_SHARE` of cases as they are."""
    if rng.random() < CLEAN_SHARE:
        return classes
    values = expand(classes).astype(np.float64)
    loudness = np.sqrt(scipy.ndimage.uniform_filter1d(values**2, LOUDNESS_FRAMES)) + QUIETEST
    kinds = (white, tinted, singing)
    noise = kinds[int(rng.integers(len(kinds)))](len(values), rng)
    gain_db = rng.uniform(*LEVEL_DB) + swells_db(len(values), rng)
    return compress(values + noise * loudness * 10.0 ** (gain_db / 20.0))


def white(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.standard_normal(frames)


def tinted(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise that is dark or bright, RMS 1."""
    pole = float(rng.uniform(-0.9, 0.9))
    coloured = scipy.signal.lfilter([1.0], [1.0, -pole], rng.standard_normal(frames))
    return np.asarray(coloured * np.sqrt(1.0 - pole**2))


def singing(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise about one pitch, as a forecast that feeds on itself holds it, RMS 1."""
    hz, width_hz = np.exp(rng.uniform(np.log([100.0, 20.0]), np.log([6000.0, 400.0])))
    radius = np.exp(-np.pi * width_hz / RATE_HZ)
    poles = [1.0, -2.0 * radius * np.cos(2.0 * np.pi * hz / RATE_HZ), radius**2]
    narrow = scipy.signal.lfilter([1.0], poles, rng.standard_normal(frames))
    return np.asarray(narrow / narrow.std())


def swells_db(frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """A level [frames] that wanders, in dB."""
    points = 2 + int(frames / (SWELL_S * RATE_HZ))
    return np.interp(np.linspace(0, points - 1, frames), np.arange(points), rng.uniform(*SWELL_DB, points))

"""A filter between two rates, in NumPy alone: who only streams textures is spared SciPy's filters and their 50 MB."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def upfirdn(
    taps: Doubles, sound: NDArray[np.float32], up: int, down: int, first: int, count: int
) -> NDArray[np.float32]:
    """Frames `first` to `first + count` of `sound` [channels x frames] at `up` times its rate, through `taps`, and then
    at one in `down`; as `scipy.signal.upfirdn` has them (Crochiere and Rabiner 1983, section 3.3)."""
    phases = np.pad(taps, (0, -len(taps) % up)).reshape(-1, up).T  # [up x taps of each]
    reach = phases.shape[1]
    places = np.arange(first, first + count) * down
    beyond = max(0, int(places[-1]) // up + 1 - sound.shape[1])
    padded = np.pad(sound, ((0, 0), (reach - 1, beyond)))
    if down == 1:
        return _by_phase(phases, padded, places)
    windows = sliding_window_view(padded, reach, axis=1)[:, places // up]
    return np.einsum("cmj,mj->cm", windows, phases[places % up, ::-1]).astype(np.float32)


def _by_phase(phases: Doubles, padded: NDArray[np.float32], places: NDArray[np.int64]) -> NDArray[np.float32]:
    """Every frame of the source has an output in each phase: plain convolutions, put in between each other."""
    up, reach = phases.shape
    earliest, latest = int(places[0]) // up, int(places[-1]) // up
    needed = padded[:, earliest : latest + reach]
    out = np.empty((len(padded), (latest - earliest + 1) * up), np.float32)
    for channel, heard in enumerate(needed):
        for phase, taps in enumerate(phases):
            out[channel, phase::up] = np.convolve(heard, taps, mode="valid")
    return out[:, int(places[0]) - earliest * up :][:, : len(places)]

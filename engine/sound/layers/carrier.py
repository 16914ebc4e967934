"""What the vocoder speaks with: texture_1, or a drone on the scale's root where the texture is silent."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES

CARRIER_RMS: Final = 0.15
_LOOP_FRAMES: Final = 1 << 18
_ROOT_OCTAVE_HZ: Final = 65.406
"""C2."""
_SEMITONES: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_INTERVALS: Final = (0, 7, 12)
_HARMONICS: Final = 40
_QUIET: Final = 0.003
"""RMS below which a texture counts as silent."""


def root_hz(root: str) -> float:
    """Frequency of a tonic such as "D", "F#" or "Bb" in the octave of C2."""
    semitone = _SEMITONES[root[0]] + root.count("#") - root.count("b")
    return float(_ROOT_OCTAVE_HZ * 2 ** (semitone / 12))


def drone_loop(root: str, seed: int) -> NDArray[np.float32]:
    """A seamless loop [_LOOP_FRAMES] of root, fifth and octave with random phases and a breath of noise."""
    rng = np.random.default_rng(seed)
    spectrum = np.zeros(_LOOP_FRAMES // 2 + 1, dtype=np.complex128)
    for interval in _INTERVALS:
        for harmonic in range(1, _HARMONICS + 1):
            for detune in (0.998, 1.0, 1.002):
                frequency_hz = root_hz(root) * 2 ** (interval / 12) * harmonic * detune
                line = round(frequency_hz * _LOOP_FRAMES / SAMPLE_RATE_HZ)
                if line < spectrum.size:
                    spectrum[line] += np.exp(2j * np.pi * rng.random()) / harmonic**0.5
    band = np.arange(spectrum.size) * SAMPLE_RATE_HZ / _LOOP_FRAMES
    breath = np.where((band > 60) & (band < 9000), 0.02, 0.0)
    spectrum += breath * np.exp(2j * np.pi * rng.random(spectrum.size))
    wave = np.fft.irfft(spectrum)
    return np.asarray(wave * (CARRIER_RMS / np.sqrt(np.mean(wave**2))), dtype=np.float32)


class Carrier:
    """Chooses between texture and drone, and crossfades, a step at a time."""

    def __init__(self, root: str, seed: int) -> None:
        self._seed = seed
        self._root = root
        self._loop: NDArray[np.float32] | None = None
        self._old_loop: NDArray[np.float32] | None = None
        self._drone_share = 1.0

    def process(self, texture: NDArray[np.float32], root: str, step: int) -> NDArray[np.float32]:
        """The carrier [STEP_FRAMES] of step number `step`, for a texture [2, STEP_FRAMES] as it came from its file."""
        mono = 0.5 * (texture[0] + texture[1])
        level = float(np.sqrt(np.mean(mono**2)))
        wanted = 1.0 if level < _QUIET else 0.0
        ramp = np.linspace(self._drone_share, wanted, STEP_FRAMES, dtype=np.float32)
        self._drone_share = wanted
        carrier = mono * (1 - ramp)
        if ramp.any():
            carrier += self._drone(root, step * STEP_FRAMES % _LOOP_FRAMES) * ramp
        return np.asarray(carrier, dtype=np.float32)

    def _drone(self, root: str, position: int) -> NDArray[np.float32]:
        if self._loop is None or root != self._root:
            self._old_loop, self._loop, self._root = self._loop, drone_loop(root, self._seed), root
        piece = self._loop[position : position + STEP_FRAMES]
        if self._old_loop is not None:
            fade = np.linspace(0, 1, STEP_FRAMES, dtype=np.float32)
            piece = piece * fade + self._old_loop[position : position + STEP_FRAMES] * (1 - fade)
            self._old_loop = None
        return piece

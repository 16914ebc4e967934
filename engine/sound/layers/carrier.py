"""What the vocoder speaks with: texture_1, or a drone on the scale's root where the texture is silent."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.knob import Knob
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo

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
    """The stream `out`: the texture's two sides together, crossfaded with the drone within a step."""

    def __init__(self, server: ManualServer, texture: Any, floor: Any, root: str, seed: int) -> None:
        """`texture` are its streams of left and right, `floor` the noise that keeps filters from denormal numbers."""
        self._seed, self._root = seed, root
        self._loop: NDArray[np.float32] | None = None
        self._texture_gain, self._drone_gain = Knob(0.0), Knob(1.0)
        drone, (self._memory,) = server.source()
        spoken = pyo.Mix(texture, voices=1)
        hummed = pyo.Sig(drone, add=floor)
        self.out: Any = pyo.Sig(spoken, add=hummed)
        self._parts = (drone, spoken, hummed, self.out)
        self._texture_gain.moves(spoken.setMul)
        self._drone_gain.moves(drone.setMul)
        self._awake = True

    def set(self, texture_rms: float, root: str, step: int) -> None:
        """Take what is true of the coming step, which has the number `step`."""
        silent = texture_rms < _QUIET
        self._texture_gain.set(0.0 if silent else 0.5)
        self._drone_gain.set(float(silent))
        self._memory[:] = self._drone(root, step * STEP_FRAMES % _LOOP_FRAMES)

    def rest(self, needed: bool) -> None:
        """Sleep while nobody speaks."""
        if needed != self._awake:
            self._awake = needed
            for part in self._parts:
                part.play() if needed else part.stop()

    def _drone(self, root: str, position: int) -> NDArray[np.float32]:
        old = self._loop if root != self._root else None
        if self._loop is None or root != self._root:
            self._loop, self._root = drone_loop(root, self._seed), root
        piece = self._loop[position : position + STEP_FRAMES]
        if old is not None:
            fade = np.linspace(0, 1, STEP_FRAMES, dtype=np.float32)
            piece = piece * fade + old[position : position + STEP_FRAMES] * (1 - fade)
        return piece

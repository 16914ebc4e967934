"""The piano reversed, drowned in reverb and reversed back: every note swells out of nothing and ends as it is struck.

Reversing before and after a convolution equals convolving with the reversed response. So no phrase has to be
rendered as a whole: a second piano plays `LEAD_FRAMES` ahead of the first, and a partitioned convolution with a
reversed reverb of that length brings it back in time. Source: Wefers, Partitioned convolution algorithms for
real-time auralization (2015), chapter 4 (uniform partitions, overlap-save).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Score
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.band import Band, SoundModule

STEP_FRAMES: Final = 4096
_PARTITIONS: Final = 36
LEAD_FRAMES: Final = _PARTITIONS * STEP_FRAMES
"""3.07 s: how far ahead scores must be known, and how long a swell can be."""

_DECAY_S: Final = 2.8
_BRIGHT_DECAY_S: Final = 1.1
_LOWEST_HZ: Final = 120.0
_BRIGHT_HZ: Final = 1800.0
_HIGHEST_HZ: Final = 9000.0
_LINES: Final = 1800
"""Lines of the spectrum that are computed: up to 10.5 kHz."""
_LINES_END_HZ: Final = 10_400.0
_VOICES: Final = ("piano",)
_EDGE_S: Final = 0.012

Scheduled = Iterable[tuple[int, Score, Mapping[str, str]]]
"""Scores with their start frames and instruments."""


def reversed_response(seed: int) -> NDArray[np.float32]:
    """A stereo reverb response [2, LEAD_FRAMES] played backwards: decaying noise, duller the longer it rings."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(LEAD_FRAMES) / SAMPLE_RATE_HZ
    band_hz = np.fft.rfftfreq(LEAD_FRAMES, 1 / SAMPLE_RATE_HZ)
    response = np.zeros((2, LEAD_FRAMES))
    for low_hz, high_hz, decay_s in ((_LOWEST_HZ, _BRIGHT_HZ, _DECAY_S), (_BRIGHT_HZ, _HIGHEST_HZ, _BRIGHT_DECAY_S)):
        shape = 1 / np.sqrt(1 + (low_hz / np.maximum(band_hz, 1e-9)) ** 4) / np.sqrt(1 + (band_hz / high_hz) ** 4)
        shape *= band_hz < _LINES_END_HZ
        noise = rng.standard_normal((2, LEAD_FRAMES))
        response += np.fft.irfft(np.fft.rfft(noise) * shape, LEAD_FRAMES) * 10 ** (-3 * time_s / decay_s)
    edge = round(_EDGE_S * SAMPLE_RATE_HZ)
    fade = np.sin(np.linspace(0, np.pi / 2, edge)) ** 2
    response[:, :edge] *= fade
    response[:, -edge:] *= fade[::-1]
    response /= np.sqrt((response**2).sum(axis=1, keepdims=True))
    return np.ascontiguousarray(response[:, ::-1], dtype=np.float32)


class ReverseReverb:
    """The stem `reverse`, step by step. While it is not heard it sleeps, and costs nothing."""

    def __init__(self, module: SoundModule, seed: int) -> None:
        self._band = Band(module, _VOICES, blocks_means=False)  # the response has nothing that low
        parts = reversed_response(seed).reshape(2, _PARTITIONS, STEP_FRAMES)
        response = np.fft.rfft(parts, 2 * STEP_FRAMES)[:, :, :_LINES].astype(np.complex64)
        # Real and imaginary parts stand apart: NumPy adds up real products in half the time of complex ones.
        self._response = np.stack([response.real, response.imag])
        # Kept twice, one after the other, so that the latest _PARTITIONS, newest first, are always one piece.
        self._spectra = np.zeros((2, 2 * _PARTITIONS, _LINES), dtype=np.float32)
        self._newest = 0
        self._last = np.zeros(STEP_FRAMES, dtype=np.float32)
        self._fading: NDArray[np.float32] | None = None
        self._awake = False

    def play(self, start_frame: int, score: Score, instruments: Mapping[str, str]) -> None:
        """Queue a score; it should start at least `LEAD_FRAMES` after the present step, or its first swells are cut."""
        if self._awake:
            self._band.play(start_frame, score, instruments)

    def restart(self, frame: int, scheduled: Scheduled) -> None:
        """What lies ahead of `frame` has changed to `scheduled`: the next step fades from the old into the new."""
        if self._awake:
            fading = self._next()
            self._prepare(frame, scheduled)
            self._fading = fading

    def render(self, frame: int, audible: bool, scheduled: Scheduled) -> NDArray[np.float32] | None:
        """The step [2, STEP_FRAMES] that begins at `frame`, or None while asleep.

        `scheduled` is looked at only when it wakes.
        """
        if not audible:
            self._awake = False
            return None
        if not self._awake:
            self._awake = True
            self._prepare(frame, scheduled)
            self._fading = np.zeros((2, STEP_FRAMES), dtype=np.float32)
        out = self._next()
        if self._fading is not None:
            rise = np.linspace(0, 1, STEP_FRAMES, dtype=np.float32)
            out = out * rise + self._fading * (1 - rise)
            self._fading = None
        return out

    def _prepare(self, frame: int, scheduled: Scheduled) -> None:
        self._band.reset(frame)
        for start_frame, score, instruments in scheduled:
            self._band.play(start_frame, score, instruments)
        self._spectra[:] = 0
        self._last[:] = 0
        for _ in range(_PARTITIONS):
            self._take_in()

    def _take_in(self) -> None:
        """One more step of the piano that plays ahead."""
        stereo = self._band.render(STEP_FRAMES)
        now = 0.5 * (stereo[0] + stereo[1])
        self._newest = (self._newest - 1) % _PARTITIONS
        spectrum = np.fft.rfft(np.concatenate([self._last, now]))[:_LINES]
        self._spectra[0, self._newest :: _PARTITIONS] = spectrum.real
        self._spectra[1, self._newest :: _PARTITIONS] = spectrum.imag
        self._last = now

    def _next(self) -> NDArray[np.float32]:
        self._take_in()
        real, imaginary = self._spectra[:, self._newest : self._newest + _PARTITIONS]
        total = np.empty((2, _LINES), dtype=np.complex64)
        total.real = _summed(self._response[0], real) - _summed(self._response[1], imaginary)
        total.imag = _summed(self._response[0], imaginary) + _summed(self._response[1], real)
        return np.asarray(np.fft.irfft(total, 2 * STEP_FRAMES)[:, STEP_FRAMES:], dtype=np.float32)


def _summed(response: NDArray[np.float32], spectra: NDArray[np.float32]) -> NDArray[np.float32]:
    """Products of [2, partitions, lines] and [partitions, lines], added up over the partitions."""
    return np.asarray(np.einsum("cpf,pf->cf", response, spectra))

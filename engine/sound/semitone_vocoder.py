"""A vocoder with a band for every semitone, so that what is spoken keeps its chord, whatever the carrier plays.

The room's vocoder has twenty bands, which is cheap and gives vowels, not pitches. `pyo.Vocoder` keeps pitches with 96
bands, but not their balance: see docs/measurements/layers.md. This one works on short-time spectra: in each band the
carrier, evened out, takes the strength of the modulator. (Dolson, "The phase vocoder: a
tutorial", Computer Music Journal 10/4, 1986, for analysis and resynthesis with overlapping windows.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

WINDOW_FRAMES: Final = 8192
HOP_FRAMES: Final = 2048
LATENESS_FRAMES: Final = WINDOW_FRAMES - HOP_FRAMES
"""What comes in is heard this much later."""

_LOWEST_PITCH: Final = 28
_HIGHEST_PITCH: Final = 124
_BAND_SEMITONES: Final = 0.55
"""Half width of a band, where it has fallen to a half."""
_EVENED: Final = 0.75
"""How far the carrier is evened out: 0 as it is, 1 every band as strong as every other."""
_SILENT: Final = 1e-7

Mono = NDArray[np.float32]


class SemitoneVocoder:
    """Takes modulator and carrier in pieces whose length is a multiple of `HOP_FRAMES`."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(WINDOW_FRAMES + 1)[:-1]).astype(np.float32)
        self._bands = scipy.sparse.csr_array(_bands())
        self._lines = scipy.sparse.csr_array(self._bands.T)
        self._inputs = np.zeros((2, WINDOW_FRAMES), np.float32)
        self._overlap = np.zeros(WINDOW_FRAMES, np.float32)

    def process(self, modulator: Mono, carrier: Mono) -> Mono:
        """The carrier spoken by the modulator, `LATENESS_FRAMES` late, about as loud as the modulator."""
        out = np.empty_like(modulator)
        for start in range(0, len(modulator), HOP_FRAMES):
            self._inputs[:, :-HOP_FRAMES] = self._inputs[:, HOP_FRAMES:]
            self._inputs[0, -HOP_FRAMES:] = modulator[start : start + HOP_FRAMES]
            self._inputs[1, -HOP_FRAMES:] = carrier[start : start + HOP_FRAMES]
            self._overlap += self._spoken()
            out[start : start + HOP_FRAMES] = self._overlap[:HOP_FRAMES]
            self._overlap[:-HOP_FRAMES] = self._overlap[HOP_FRAMES:]
            self._overlap[-HOP_FRAMES:] = 0.0
        return out

    def _spoken(self) -> Mono:
        """One window's worth, ready to be added to those before it."""
        if np.abs(self._inputs[0]).max() < _SILENT or np.abs(self._inputs[1]).max() < _SILENT:
            return np.zeros(WINDOW_FRAMES, np.float32)
        spectra = np.fft.rfft(self._inputs * self._window)
        lines = np.abs(spectra) ** 2
        power = self._bands @ lines.T  # [bands, 2]
        said, own = np.sqrt(power).T
        gain = said / np.maximum(own, 1e-3 * own.max()) ** _EVENED
        voice = spectra[1] * (self._lines @ gain)
        loudness = np.sqrt(lines[0].sum() / max(float((np.abs(voice) ** 2).sum()), 1e-20))
        voiced = np.fft.irfft(voice * loudness) * self._window
        return np.asarray(voiced * (2.0 * HOP_FRAMES / WINDOW_FRAMES), dtype=np.float32)


def _bands() -> NDArray[np.float32]:
    """Weights [bands, lines] of the lines of a spectrum: one band per semitone, each a bell about its pitch."""
    hz = np.fft.rfftfreq(WINDOW_FRAMES, 1 / SAMPLE_RATE_HZ)
    pitch = 69 + 12 * np.log2(np.maximum(hz, 1.0) / 440.0)
    centres = np.arange(_LOWEST_PITCH, _HIGHEST_PITCH + 1)
    bells = 0.5 ** (((pitch[None, :] - centres[:, None]) / _BAND_SEMITONES) ** 2)
    bells[:, hz < 40.0] = 0.0
    bells[bells < 0.02] = 0.0  # nearly all of it, so that few numbers remain
    return np.asarray(bells, dtype=np.float32)

"""Singers who are not there: vowels and consonants made of a buzz and of noise, through the resonances of a throat.

The voice of a source and a filter (Fant 1960, "Acoustic Theory of Speech Production"): folds that buzz with vibrato and
a little unsteadiness, and formants that glide from vowel to vowel. Of consonants there are hums (m, n), hisses (s, sh,
f) and stops (p, t, k). Every sound here is float64 [frames] at 48 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from models.textures.corpus.instruments import Played
from models.textures.corpus.reverberation import RATE_HZ

Values = NDArray[np.float64]
CONTROL_FRAMES: Final = 240
"""A loudness of each harmonic every 5 ms, straight lines between."""
VOWELS_HZ: Final = {
    "a": (730.0, 1090.0, 2440.0, 3400.0),
    "e": (530.0, 1840.0, 2480.0, 3500.0),
    "i": (270.0, 2290.0, 3010.0, 3600.0),
    "o": (570.0, 840.0, 2410.0, 3300.0),
    "u": (300.0, 870.0, 2240.0, 3200.0),
}
"""Of men's voices (Peterson and Barney 1952), the fourth as singers have it."""
HUM_HZ: Final = (250.0, 1100.0, 2100.0, 3000.0)
WIDTHS_HZ: Final = (80.0, 100.0, 130.0, 200.0)
LOUDNESS: Final = (1.0, 0.6, 0.3, 0.2)
HISSES_HZ: Final = {"s": (5000.0, 9000.0), "sh": (2200.0, 5500.0), "f": (1500.0, 8000.0)}
STOPS_HZ: Final = {"p": (400.0, 1500.0), "t": (3000.0, 7000.0), "k": (1400.0, 3200.0)}
HIGHEST_HZ: Final = 9000.0


@dataclass(frozen=True)
class Singer:
    """size: of the throat, 1 a man's, less a smaller one's; vibrato in Hz and semitones; breath: noise
    beside the buzz."""

    size: float
    vibrato_hz: float
    vibrato_semitones: float
    breath: float

    @staticmethod
    def by_chance(rng: np.random.Generator, size: float) -> Singer:
        return Singer(size, rng.uniform(4.8, 6.2), rng.uniform(0.1, 0.45), rng.uniform(0.005, 0.03))


def sung(notes: list[Played], singer: Singer, rng: np.random.Generator, frames: int) -> Values:
    """Notes, each on a vowel that becomes another, many with a consonant before."""
    total = np.zeros(frames)
    for note in notes:
        start, count = round(note.onset_s * RATE_HZ), round(note.duration_s * RATE_HZ)
        voiced = (note.velocity / 127.0) * _vowels(note.pitch, count, singer, rng)
        _add(total, voiced, start)
        kind = rng.choice(["none", "hum", "hiss", "stop"], p=[0.35, 0.3, 0.2, 0.15])
        if kind in ("hiss", "stop"):
            _add(total, (note.velocity / 127.0) * _noise(str(kind), rng), start - round(0.06 * RATE_HZ))
        elif kind == "hum":
            hum = _voiced(np.full(round(0.14 * RATE_HZ), float(note.pitch)), [HUM_HZ, HUM_HZ], singer, rng)
            _add(total, 0.5 * (note.velocity / 127.0) * hum * np.hanning(len(hum)), start - round(0.09 * RATE_HZ))
    return total


def _vowels(pitch: int, count: int, singer: Singer, rng: np.random.Generator) -> Values:
    """A note that swells in and dies away, its pitch scooped, then in vibrato."""
    t = np.arange(count) / RATE_HZ
    depth = singer.vibrato_semitones * np.clip((t - 0.3) / 0.8, 0.0, 1.0)
    scoop = -rng.uniform(0.0, 0.8) * np.exp(-t / 0.06)
    moments_s = np.arange(0.0, t[-1] + 0.5, 0.25)
    drift = np.interp(t, moments_s, 0.06 * rng.standard_normal(len(moments_s)))
    semitones = pitch + scoop + drift + depth * np.sin(2.0 * np.pi * (singer.vibrato_hz * t + rng.random()))
    vowels = [VOWELS_HZ[str(v)] for v in rng.choice(list(VOWELS_HZ), size=int(rng.integers(1, 4)))]
    attack_s, release_s = rng.uniform(0.04, 0.25), min(0.5, 0.3 * count / RATE_HZ)
    shape = np.minimum(1.0, t / attack_s) * np.clip((t[-1] - t) / release_s, 0.0, 1.0)
    return _voiced(semitones, [*vowels, vowels[-1]], singer, rng) * shape


def _voiced(semitones: Values, vowels: list[tuple[float, ...]], singer: Singer, rng: np.random.Generator) -> Values:
    """Harmonics of a gliding pitch, MIDI [frames], as loud as the formants of the vowels have them in turn."""
    hz = 440.0 * 2.0 ** ((semitones - 69.0) / 12.0)
    phase = 2.0 * np.pi * np.cumsum(hz) / RATE_HZ
    at = np.arange(0, len(hz), CONTROL_FRAMES)
    places = np.linspace(0.0, len(vowels) - 1.0, len(at))
    formants = [np.interp(places, range(len(vowels)), [v[n] for v in vowels]) / singer.size for n in range(4)]
    total = singer.breath * _breath(len(hz), rng)
    for harmonic in range(1, int(HIGHEST_HZ / hz.min()) + 1):
        own_hz = harmonic * hz[at]
        loud = _resonance(own_hz, formants) / harmonic * (own_hz < HIGHEST_HZ)
        total += np.interp(np.arange(len(hz)), at, loud) * np.sin(harmonic * phase)
    return np.asarray(0.3 * total)


def _resonance(hz: Values, formants: list[Values]) -> Values:
    """How loud the throat lets frequencies through [control frames], its formants [4][control frames] in parallel."""
    shares = zip(formants, WIDTHS_HZ, LOUDNESS, strict=True)
    return sum((loud / (1.0 + ((hz - f) / width) ** 2) for f, width, loud in shares), 0.02 * np.ones_like(hz))


def _breath(frames: int, rng: np.random.Generator) -> Values:
    band = scipy.signal.butter(1, (1000.0, 5000.0), "bandpass", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(band, rng.standard_normal(frames)))


def _noise(kind: str, rng: np.random.Generator) -> Values:
    """A hiss of a tenth of a second or two, or the burst of a stop."""
    bands = HISSES_HZ if kind == "hiss" else STOPS_HZ
    length_s, loud = (rng.uniform(0.08, 0.2), 0.12) if kind == "hiss" else (0.025, 0.25)
    band = scipy.signal.butter(2, bands[str(rng.choice(list(bands)))], "bandpass", fs=RATE_HZ, output="sos")
    frames = round(length_s * RATE_HZ)
    shape = np.hanning(frames) if kind == "hiss" else np.exp(-np.arange(frames) / (0.006 * RATE_HZ))
    return np.asarray(loud * shape * scipy.signal.sosfilt(band, rng.standard_normal(frames)))


def _add(total: Values, sound: Values, start: int) -> None:
    first, last = max(0, start), min(len(total), start + len(sound))
    if last > first:
        total[first:last] += sound[first - start : last - start]

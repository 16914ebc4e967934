"""Voices without a SoundFont: additive synthesis, so that the room plays with nothing installed.

Each note is a handful of decaying partials. Sources: Fletcher & Rossing, The Physics of Musical Instruments,
12.4 (stretched piano partials) and 21.11 (partials of a tuned bell).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.parameters.instruments import general_midi
from engine.parameters.stems import SAMPLE_RATE_HZ

_CONCERT_A_HZ: Final = 440.0
_CONCERT_A_PITCH: Final = 69
_HIGHEST_PARTIAL_HZ: Final = 12_000.0
_INAUDIBLE: Final = 1e-5
_GAIN: Final = 0.25
_MOST_NOTES: Final = 48
"""Per voice; beyond it the oldest note gives way."""


@dataclass(frozen=True)
class Timbre:
    """Partials as (frequency ratio, amplitude, decay to -60 dB in s at middle C); attack and release in s."""

    partials: tuple[tuple[float, float, float], ...]
    attack_s: float
    release_s: float
    sustains: bool = False
    """A held note keeps its level instead of decaying."""
    gain: float = 1.0
    """Makes the timbres equally loud."""


def _harmonic(count: int, slope: float, decay_s: float, stretch: float = 0.0) -> tuple[tuple[float, float, float], ...]:
    return tuple(
        (n * (1 + stretch * n * n) ** 0.5, n**-slope, decay_s / (1 + 0.35 * (n - 1))) for n in range(1, count + 1)
    )


_PIANO = Timbre(_harmonic(8, 1.3, 9.0, stretch=0.0004), 0.004, 0.35)
_BELL = Timbre(
    ((0.5, 0.4, 9.0), (1.0, 1.0, 7.0), (1.2, 0.4, 5.0), (1.5, 0.25, 4.0), (2.0, 0.6, 4.0), (2.67, 0.3, 2.0)),
    0.003,
    3.0,
    gain=1.6,
)
_STRING = Timbre(_harmonic(7, 1.2, 20.0), 0.18, 0.5, sustains=True)
_PAD = Timbre((*_harmonic(4, 1.8, 20.0), (1.003, 0.7, 20.0), (2.006, 0.2, 20.0)), 0.6, 1.2, sustains=True)
_REED = Timbre(((1.0, 1.0, 7.0), (2.0, 0.2, 4.0), (4.0, 0.12, 1.5), (7.0, 0.06, 0.6)), 0.004, 0.4, gain=0.8)
_PLUCK = Timbre(_harmonic(9, 1.0, 3.5), 0.003, 0.25, gain=1.8)
_DRUM = Timbre(
    ((1.0, 1.0, 0.6), (1.59, 0.5, 0.35), (2.14, 0.4, 0.25), (2.65, 0.3, 0.2), (9.1, 0.1, 0.08)), 0.002, 0.3, gain=1.4
)

TIMBRES: Final[dict[str, Timbre]] = {
    "piano": _PIANO,
    "electric_piano": _REED,
    "cello": _STRING,
    "bells": _BELL,
    "choir": _PAD,
    "guitar": _PLUCK,
    "drums": _DRUM,
    "celesta": Timbre(((1.0, 1.0, 3.0), (3.0, 0.3, 1.2), (5.4, 0.1, 0.5)), 0.002, 0.8),
    "strings": _STRING,
    "pad": _PAD,
    "vibraphone": Timbre(((1.0, 1.0, 5.0), (4.0, 0.35, 1.8), (10.0, 0.05, 0.4)), 0.002, 1.5),
}
"""One for every name of `instruments.GeneralMidi`."""


@dataclass
class _Tone:
    """A sounding note: its partials' phases, steps and amplitudes, and where its envelope stands."""

    pitch: int
    phase: NDArray[np.float64]
    step: NDArray[np.float64]
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    decay: NDArray[np.float64]
    """Natural logarithm lost per frame."""
    release: float
    attack_frames: float
    age_frames: int = 0
    held: bool = True
    key_down: bool = True


@dataclass
class _Voice:
    timbre: Timbre = _PIANO
    pedal: bool = False
    tones: list[_Tone] = field(default_factory=list)


class FallbackModule:
    """Plays all voices by adding sines; same calls as `SoundFontModule`. Cost grows with sounding notes."""

    def __init__(self, voices: int) -> None:
        self._voices = [_Voice() for _ in range(voices)]

    @property
    def sounding(self) -> bool:
        return any(player.tones for player in self._voices)

    def select(self, voice: int, instrument: str) -> None:
        self._voices[voice].timbre = TIMBRES[general_midi(instrument)]

    def note_on(self, voice: int, pitch: int, velocity: int) -> None:
        player = self._voices[voice]
        for tone in player.tones:
            if tone.pitch == pitch:
                tone.key_down = tone.held = False
        del player.tones[: max(0, len(player.tones) - _MOST_NOTES + 1)]
        player.tones.append(_tone(player.timbre, pitch, velocity))

    def note_off(self, voice: int, pitch: int) -> None:
        player = self._voices[voice]
        for tone in player.tones:
            if tone.pitch == pitch:
                tone.key_down = False
                tone.held = tone.held and player.pedal

    def pedal(self, voice: int, down: bool) -> None:
        player = self._voices[voice]
        player.pedal = down
        if not down:
            for tone in player.tones:
                tone.held = tone.key_down

    def silence(self) -> None:
        for player in self._voices:
            player.tones.clear()
            player.pedal = False

    def render(self, out: NDArray[np.float32]) -> None:
        """Fill `out` [2 x voices, frames] float32."""
        out[:] = 0.0
        time = np.arange(out.shape[1], dtype=np.float32)
        for number, player in enumerate(self._voices):
            for tone in player.tones:
                _add_tone(tone, time, out[2 * number : 2 * number + 2])
            player.tones = [tone for tone in player.tones if tone.left.max() + tone.right.max() > _INAUDIBLE]

    def close(self) -> None:
        self.silence()


def _tone(timbre: Timbre, pitch: int, velocity: int) -> _Tone:
    frequency_hz = _CONCERT_A_HZ * 2 ** ((pitch - _CONCERT_A_PITCH) / 12)
    ratio, amplitude, decay_s = np.array(timbre.partials).T
    heard = ratio * frequency_hz < _HIGHEST_PARTIAL_HZ
    ratio, amplitude, decay_s = ratio[heard], amplitude[heard], decay_s[heard]
    loudness = velocity / 127
    brightness = loudness ** (0.3 * np.arange(ratio.size))  # soft notes are duller, as on any instrument
    strength = _GAIN * timbre.gain * loudness**1.5 * amplitude * brightness / max(1.0, float(amplitude.sum()))
    pan = 0.5 + 0.006 * (pitch - 60) + 0.06 * (-1.0) ** np.arange(ratio.size)
    pan = np.clip(pan, 0.1, 0.9)
    lifetime_s = decay_s * 2 ** ((60 - pitch) / 24)
    decay = np.zeros_like(lifetime_s) if timbre.sustains else np.log(1000) / (lifetime_s * SAMPLE_RATE_HZ)
    return _Tone(
        pitch=pitch,
        phase=np.zeros(ratio.size),
        step=2 * np.pi * ratio * frequency_hz / SAMPLE_RATE_HZ,
        left=strength * np.cos(pan * np.pi / 2),
        right=strength * np.sin(pan * np.pi / 2),
        decay=decay,
        release=float(np.log(1000) / (timbre.release_s * SAMPLE_RATE_HZ)),
        attack_frames=timbre.attack_s * SAMPLE_RATE_HZ,
    )


def _add_tone(tone: _Tone, time: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    decay = tone.decay if tone.held else np.maximum(tone.decay, tone.release)
    waves = np.sin(tone.phase[:, None].astype(np.float32) + tone.step[:, None].astype(np.float32) * time)
    waves *= np.exp(-decay[:, None].astype(np.float32) * time)
    if tone.age_frames < tone.attack_frames:
        waves *= np.minimum(1.0, (tone.age_frames + time) / np.float32(tone.attack_frames))
    out[0] += tone.left.astype(np.float32) @ waves
    out[1] += tone.right.astype(np.float32) @ waves
    frames = time.size
    lost = np.exp(-decay * frames)
    tone.phase = (tone.phase + tone.step * frames) % (2 * np.pi)
    tone.left, tone.right = tone.left * lost, tone.right * lost
    tone.age_frames += frames

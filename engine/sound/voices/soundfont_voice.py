"""Voices from a SoundFont: FluidSynth without an audio driver, one stereo output per voice.

FluidSynth's mixing call for several outputs, `fluid_synth_process`, is not wrapped by pyfluidsynth, so it is
declared here. Source: https://www.fluidsynth.org/api/group__audio__rendering.html
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import SoundFontError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.fallback_voice import FallbackModule
from engine.sound.voices.soundfont_presets import PERCUSSION_BANK, Preset, nearest_preset, read_presets
from engine.sound.voices.soundfonts import check_soundfont

PROGRAMS: Final[dict[str, tuple[int, int, float]]] = {
    "piano": (0, 0, -3.0),
    "electric_piano": (0, 4, -9.0),
    "cello": (0, 42, -7.0),
    "bells": (0, 14, -6.0),
    "choir": (0, 52, -5.0),
    "guitar": (0, 24, -5.0),
    "drums": (PERCUSSION_BANK, 0, 0.0),
    "celesta": (0, 8, -5.0),
    "strings": (0, 48, -5.5),
    "pad": (0, 89, -3.0),
    "vibraphone": (0, 11, 0.0),
}
"""Bank, program (General MIDI, counted from 0) and trim in dB, measured on FluidR3, that makes them equally loud."""

_CHANNELS_PER_VOICE: Final = 16
"""A change of instrument takes the voice's next channel, so that what rings on keeps its sound."""

_USUAL_PITCHES: Final = slice(36, 85)
_USUAL_DRUMS: Final = slice(35, 60)
_ENOUGH: Final = 0.5
"""Of the usual pitches: a preset that has fewer would make an instrument of two sounds."""

_POLYPHONY: Final = 112
"""FluidSynth's own voices, two or more per note; bounds what a storm of notes can cost."""
_GAIN: Final = 0.7
_SUSTAIN_CONTROLLER: Final = 64
_VOLUME_CONTROLLER: Final = 7
_FULL_VOLUME: Final = 127


_NO_MEAN: Final = scipy.signal.butter(1, 5.0, "highpass", fs=SAMPLE_RATE_HZ)
"""Samples may have a mean (FluidR3's pad: -23 dB), which no layer takes away while its low cut is open."""


class SoundFontModule:
    """One FluidSynth for all voices; voice v uses MIDI channels v, v + voices, v + 2 voices, ...

    An instrument that the SoundFont lacks is played by the nearest of its presets; what none of them can play, by
    built-in voices. Raises `SoundFontError` if the library or the file cannot be used. Instruments load when first
    chosen.
    """

    def __init__(self, soundfont: Path, voices: int) -> None:
        check_soundfont(soundfont)
        fluidsynth = _fluidsynth()
        self._presets = read_presets(soundfont)
        self._voices = voices
        self._built_in = FallbackModule(voices)
        self._selected: list[Preset | None] = [None] * voices
        self._past = np.zeros((2 * voices, 1))
        self._synth = fluidsynth.Synth(
            gain=_GAIN,
            samplerate=float(SAMPLE_RATE_HZ),
            channels=voices * _CHANNELS_PER_VOICE,
            **{
                "synth.audio-channels": voices,
                "synth.audio-groups": voices,
                "synth.reverb.active": 0,
                "synth.chorus.active": 0,
                "synth.dynamic-sample-loading": 1,
                "synth.lock-memory": 0,
                "synth.polyphony": _POLYPHONY,
            },
        )
        self._process = _declare_process(fluidsynth)
        self._soundfont_id = self._synth.sfload(str(soundfont))
        if self._soundfont_id < 0:
            self._synth.delete()
            raise SoundFontError(f"SoundFont {soundfont}: FluidSynth cannot load it; name another .sf2 or .sf3 file")
        self._channels = list(range(voices))
        self._pedal_channels: list[set[int]] = [set() for _ in range(voices)]
        self._note_channels: dict[tuple[int, int], int] = {}

    @property
    def substitutes(self) -> dict[str, str]:
        """What plays in place of the instruments that the SoundFont lacks, by instrument."""
        found = {}
        for instrument, (bank, program, _) in PROGRAMS.items():
            preset = self._preset(instrument)
            if preset is None:
                found[instrument] = "a built-in voice"
            elif (preset.bank, preset.program) != (bank, program):
                found[instrument] = preset.name
        return found

    def select(self, voice: int, instrument: str) -> None:
        """Later notes of `voice` sound as `instrument`, or what stands in for it."""
        self._built_in.select(voice, instrument)
        self._selected[voice] = preset = self._preset(instrument)
        if preset is None:
            return
        channel = (self._channels[voice] + self._voices) % (self._voices * _CHANNELS_PER_VOICE)
        self._synth.program_select(channel, self._soundfont_id, preset.bank, preset.program)
        # MIDI volume attenuates by 40 log10(volume / 127) dB (SoundFont 2.04, section 8.4.5).
        self._synth.cc(channel, _VOLUME_CONTROLLER, round(_FULL_VOLUME * 10 ** (PROGRAMS[instrument][2] / 40)))
        self._channels[voice] = channel

    def _preset(self, instrument: str) -> Preset | None:
        bank, program, _ = PROGRAMS[instrument]
        preset = nearest_preset(self._presets, bank, program)
        if preset is None:
            return None
        usual = preset.playable[_USUAL_DRUMS if bank == PERCUSSION_BANK else _USUAL_PITCHES]
        return preset if usual.any(axis=1).mean() >= _ENOUGH else None

    def note_on(self, voice: int, pitch: int, velocity: int) -> None:
        preset = self._selected[voice]
        if preset is None or not preset.playable[pitch].any():
            self._built_in.note_on(voice, pitch, velocity)
            return
        channel = self._channels[voice]
        previous = self._note_channels.get((voice, pitch), channel)
        if previous != channel:
            self._synth.noteoff(previous, pitch)
        self._note_channels[voice, pitch] = channel
        self._synth.noteon(channel, pitch, _nearest_velocity(preset, pitch, velocity))

    def note_off(self, voice: int, pitch: int) -> None:
        channel = self._note_channels.pop((voice, pitch), None)
        if channel is not None:
            self._synth.noteoff(channel, pitch)
        self._built_in.note_off(voice, pitch)

    def pedal(self, voice: int, down: bool) -> None:
        self._built_in.pedal(voice, down)
        held = self._pedal_channels[voice]
        if down:
            held.add(self._channels[voice])
            self._synth.cc(self._channels[voice], _SUSTAIN_CONTROLLER, 127)
            return
        for channel in held:
            self._synth.cc(channel, _SUSTAIN_CONTROLLER, 0)
        held.clear()

    def silence(self) -> None:
        for voice in range(self._voices):
            self.pedal(voice, False)
        for channel in range(self._voices * _CHANNELS_PER_VOICE):
            self._synth.all_sounds_off(channel)
        self._built_in.silence()
        self._note_channels.clear()

    def render(self, out: NDArray[np.float32]) -> None:
        """Fill `out` [2 x voices, frames] float32; frames is a multiple of 64."""
        rows, frames = out.shape
        pointers = (ctypes.c_void_p * rows)(*(row.ctypes.data for row in out))
        out[:] = 0.0  # fluid_synth_process adds to what is there
        self._process(self._synth.synth, frames, 0, None, rows, pointers)
        out[:], self._past = scipy.signal.lfilter(*_NO_MEAN, out, axis=1, zi=self._past)
        if self._built_in.sounding:
            more = np.empty_like(out)
            self._built_in.render(more)
            out += more

    def close(self) -> None:
        self._synth.delete()


def _nearest_velocity(preset: Preset, pitch: int, velocity: int) -> int:
    """A velocity at which the preset sounds."""
    if preset.playable[pitch, velocity]:
        return velocity
    there = np.flatnonzero(preset.playable[pitch])
    return int(there[np.argmin(np.abs(there - velocity))]) or 1


def _fluidsynth() -> Any:
    try:
        import fluidsynth
    except (ImportError, OSError, AttributeError) as problem:  # what pyfluidsynth raises without its library
        raise SoundFontError(
            f"the FluidSynth library cannot be loaded ({problem}); install libfluidsynth3 (Debian, Ubuntu) "
            "or `brew install fluid-synth`"
        ) from problem
    return fluidsynth


def _declare_process(fluidsynth: Any) -> Any:
    process = fluidsynth._fl.fluid_synth_process  # noqa: SLF001  (its handle of the library)
    process.restype = ctypes.c_int
    process.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p]
    return process

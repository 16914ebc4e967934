"""Voices from a SoundFont and recorded instruments: FluidSynth without an audio driver, a stereo output per voice."""

from __future__ import annotations

import ctypes
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import InstrumentError, SoundFontError
from engine.parameters.instruments import (
    GENERAL_MIDI,
    PERCUSSION_BANK,
    RecordedInstrument,
    general_midi,
)
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.fallback_voice import FallbackModule
from engine.sound.voices.fluidsynth_library import fluidsynth, library
from engine.sound.voices.recorded_font import DAMPERS_PITCH, NOISES, NOTES, RecordedFont
from engine.sound.voices.soundfont_presets import Preset, nearest_preset, read_presets
from engine.sound.voices.soundfonts import check_soundfont

log = logging.getLogger(__name__)

_CHANNELS_PER_VOICE: Final = 16
"""A change of instrument takes the voice's next two channels, so that what rings on keeps its sound: one for notes, one
for the noises that an instrument makes beside them."""

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
_NOISE_VELOCITY: Final = 64
_BROKEN, _NOT_OPEN = -1, -2
"""In place of FluidSynth's number of a SoundFont; the first is what it says itself."""
_FORGETS_FRAMES: Final = 10 * SAMPLE_RATE_HZ
"""So often recordings give back the memory of what they played."""


class SoundFontModule:
    """One FluidSynth for all voices; voice v uses MIDI channels v, v + voices, v + 2 voices, ...

    Recorded instruments play what they are for. An instrument that the SoundFont lacks is played by the nearest of its
    presets; what none of them can play, by built-in voices. Raises `SoundFontError` if the library or the file cannot
    be used. Instruments load when first chosen.
    """

    def __init__(
        self, soundfont: Path, voices: int, recorded: Mapping[str, RecordedInstrument], *, when_needed: bool = False
    ) -> None:
        """`recorded` are the recorded instruments that go before the SoundFont's, by name; `when_needed`: the SoundFont
        is opened when the first of its own instruments is chosen. Its lists take 17 MB for each synthesiser."""
        check_soundfont(soundfont)
        self._presets = read_presets(soundfont)
        self._voices = voices
        self._built_in = FallbackModule(voices)
        self._selected: list[Preset | None] = [None] * voices
        self._synth = _synthesiser(voices)
        self._soundfont = soundfont
        self._channels = list(range(voices))
        self._pedal_channels: list[set[int]] = [set() for _ in range(voices)]
        self._note_channels: dict[tuple[int, int], int] = {}
        self._instruments = dict(recorded)
        self._recorded_on: dict[int, str] = {}
        self._frames = 0
        self.why_not_recorded = ""
        """A sentence saying why recorded instruments do not play, empty where they do."""
        self._font = self._open_font()
        self._soundfont_id = _NOT_OPEN if when_needed else self._opened()
        if self._soundfont_id == _BROKEN:
            self.close()
            raise SoundFontError(f"SoundFont {soundfont}: FluidSynth cannot load it; name another .sf2 or .sf3 file")

    def _opened(self) -> int:
        """FluidSynth's number of the SoundFont, `_BROKEN` where it cannot load it."""
        return int(self._synth.sfload(str(self._soundfont)))

    def _open_font(self) -> RecordedFont | None:
        try:
            return RecordedFont(self._synth.synth, self._instruments)
        except InstrumentError as problem:
            self.why_not_recorded = f"{problem}; the SoundFont plays instead"
            return None

    @property
    def substitutes(self) -> dict[str, str]:
        """What plays in place of the instruments that the SoundFont lacks, by instrument."""
        found = {}
        for instrument, (bank, program, _) in GENERAL_MIDI.items():
            if self._font and instrument in self._instruments:
                continue
            preset = self._preset(instrument)
            if preset is None:
                found[instrument] = "a built-in voice"
            elif (preset.bank, preset.program) != (bank, program):
                found[instrument] = preset.name
        return found

    def select(self, voice: int, instrument: str) -> None:
        """Later notes of `voice` sound as `instrument`, or what stands in for it."""
        channel = (self._channels[voice] + 2 * self._voices) % (self._voices * _CHANNELS_PER_VOICE)
        self._channels[voice] = channel
        self._recorded_on.pop(channel, None)
        self._built_in.select(voice, general_midi(instrument))
        self._selected[voice] = preset = self._preset(general_midi(instrument))
        if self._font and instrument in self._instruments:
            self._select_recorded(channel, instrument, self._font)
            return
        if preset and self._soundfont_id == _NOT_OPEN:
            self._soundfont_id = self._opened()
            if self._soundfont_id == _BROKEN:
                log.warning("SoundFont %s: FluidSynth cannot load it; built-in voices play", self._soundfont)
        if self._soundfont_id == _BROKEN:
            self._selected[voice] = None
        elif preset:
            self._synth.program_select(channel, self._soundfont_id, preset.bank, preset.program)
            # MIDI volume attenuates by 40 log10(volume / 127) dB (SoundFont 2.04, section 8.4.5).
            trim_db = GENERAL_MIDI[general_midi(instrument)].trim_db
            self._synth.cc(channel, _VOLUME_CONTROLLER, round(_FULL_VOLUME * 10 ** (trim_db / 40)))

    def _select_recorded(self, channel: int, instrument: str, font: RecordedFont) -> None:
        self._recorded_on[channel] = instrument
        for one, bank in ((channel, NOTES), (channel + self._voices, NOISES)):
            self._synth.program_select(one, font.id, bank, font.program(instrument))
            self._synth.cc(one, _VOLUME_CONTROLLER, _FULL_VOLUME)

    def _preset(self, instrument: str) -> Preset | None:
        bank, program, _ = GENERAL_MIDI[instrument]
        preset = nearest_preset(self._presets, bank, program)
        if preset is None:
            return None
        usual = preset.playable[_USUAL_DRUMS if bank == PERCUSSION_BANK else _USUAL_PITCHES]
        return preset if usual.any(axis=1).mean() >= _ENOUGH else None

    def note_on(self, voice: int, pitch: int, velocity: int) -> None:
        channel = self._channels[voice]
        heard_at = self._velocity(channel, voice, pitch, velocity)
        if heard_at is None:
            self._built_in.note_on(voice, pitch, velocity)
            return
        previous = self._note_channels.get((voice, pitch), channel)
        if previous != channel:
            self._synth.noteoff(previous, pitch)
        self._note_channels[voice, pitch] = channel
        self._synth.noteon(channel, pitch, heard_at)

    def _velocity(self, channel: int, voice: int, pitch: int, velocity: int) -> int | None:
        """The nearest velocity at which the note sounds on a channel; None where it does not."""
        if self._font and channel in self._recorded_on:
            try:
                self._font.prepare(self._font.program(self._recorded_on[channel]), pitch, velocity)
            except InstrumentError as problem:
                log.warning("%s; a built-in voice plays the note", problem)
                return None
            return velocity
        preset = self._selected[voice]
        if preset is None or not preset.playable[pitch].any():
            return None
        return _nearest_velocity(preset, pitch, velocity)

    def note_off(self, voice: int, pitch: int) -> None:
        channel = self._note_channels.pop((voice, pitch), None)
        if channel is not None:
            self._synth.noteoff(channel, pitch)
            instrument = self._recorded(channel)
            if instrument and instrument.key_noise_db is not None and not self._pedal_channels[voice]:
                self._synth.noteon(channel + self._voices, pitch, _NOISE_VELOCITY)
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
            instrument = self._recorded(channel)
            if instrument and instrument.pedal_noise_db is not None:
                self._synth.noteon(channel + self._voices, DAMPERS_PITCH, _NOISE_VELOCITY)
        held.clear()

    def _recorded(self, channel: int) -> RecordedInstrument | None:
        name = self._recorded_on.get(channel)
        return self._instruments[name] if name else None

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
        library().fluid_synth_process(self._synth.synth, frames, 0, None, rows, pointers)
        if self._built_in.sounding:
            more = np.empty_like(out)
            self._built_in.render(more)
            out += more
        self._forget(frames)

    def _forget(self, frames: int) -> None:
        self._frames += frames
        if self._font and self._frames >= _FORGETS_FRAMES:
            self._frames = 0
            self._font.forget()

    def close(self) -> None:
        self._synth.delete()
        if self._font:
            self._font.close()


def _nearest_velocity(preset: Preset, pitch: int, velocity: int) -> int:
    """A velocity at which the preset sounds."""
    if preset.playable[pitch, velocity]:
        return velocity
    there = np.flatnonzero(preset.playable[pitch])
    return int(there[np.argmin(np.abs(there - velocity))]) or 1


def _synthesiser(voices: int) -> Any:
    synth = fluidsynth().Synth(
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
    for channel in range(voices * _CHANNELS_PER_VOICE):
        synth.program_unset(channel)  # each would have the samples of the first piano that there is
    return synth

"""Recorded instruments as a SoundFont that lives in memory: FluidSynth asks it what sounds when a key is struck.

FluidSynth reads the frames where they are mapped, without a copy. Its own law makes notes louder with the velocity
(40 log10 of it, SoundFont 2.04, section 8.4.1); which recording is taken changes the timbre.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Mapping
from typing import Any, Final

from engine.parameters.instruments import RecordedInstrument, VelocityLayer
from engine.sound.voices import fluidsynth_library as fluid
from engine.sound.voices.recordings import PAD_FRAMES, MappedNote, Recording, Recordings, recordings

NOTES, NOISES = 0, 1
"""Banks: the notes of instrument number n are program n of the one, the noises of its keys program n of the other."""
DAMPERS_PITCH: Final = 9
"""Of the noises: the dampers' as they come down, made of the lowest key's an octave deeper."""
DAMPERS_HZ: Final = 400.0
_LEFT, _MIDDLE, _RIGHT = -500.0, 0.0, 500.0
_UNDAMPED_S: Final = 20.0
_LOWEST_HZ: Final = 8.176
"""Of which absolute cents count."""


def timecents(seconds: float) -> float:
    """A duration as SoundFonts have it."""
    return 1200 * math.log2(max(seconds, 1e-3))


class RecordedFont:
    """The recorded instruments of one synthesiser. Raises InstrumentError where recordings cannot be used.

    It must live as long as the synthesiser, and be closed after it.
    """

    def __init__(self, synth: Any, instruments: Mapping[str, RecordedInstrument]) -> None:
        self._library = fluid.library()
        self._names = tuple(instruments)
        self._instruments = tuple(instruments.values())
        self._recordings: tuple[Recordings, ...] = tuple(
            recordings(one.recordings, one.sides) for one in self._instruments
        )
        self._samples: dict[tuple[int, str, int], Any] = {}
        self._presets: dict[tuple[int, int], Any] = {}
        self._callbacks = self._font_callbacks()
        self._font = self._library.new_fluid_sfont(*self._callbacks)
        self._kept: list[Any] = []
        for number in range(len(self._instruments)):
            for bank in (NOTES, NOISES):
                self._presets[bank, number] = self._preset(bank, number)
        self.id: int = self._library.fluid_synth_add_sfont(synth, self._font)

    def program(self, name: str) -> int:
        """Number of an instrument."""
        return self._names.index(name)

    def prepare(self, number: int, pitch: int, velocity: int) -> None:
        """Have in memory what a note needs. Raises InstrumentError; a note that is played must not."""
        self._recordings[number].mapped(self._recording(NOTES, number, pitch, velocity))

    def forget(self) -> None:
        """Let go of the memory of what was played."""
        for one in set(self._recordings):
            one.forget()

    def close(self) -> None:
        """After the synthesiser is gone."""
        for sample in self._samples.values():
            self._library.delete_fluid_sample(sample)
        self._samples.clear()

    def _font_callbacks(self) -> tuple[Any, ...]:
        def free(font: Any) -> int:
            for preset in self._presets.values():
                self._library.delete_fluid_preset(preset)
            self._presets.clear()
            return int(self._library.delete_fluid_sfont(font))

        return (
            fluid.GetName(lambda _font: b"recorded instruments"),
            fluid.GetPreset(lambda _font, bank, number: self._presets.get((bank, number))),
            fluid.Begin(lambda _font: None),
            fluid.Next(lambda _font: None),
            fluid.FreeFont(free),
        )

    def _preset(self, bank: int, number: int) -> Any:
        name = self._names[number].encode()

        def note_on(_preset: Any, synth: Any, channel: int, pitch: int, velocity: int) -> int:
            self._strike(synth, bank, number, channel, pitch, velocity)
            return 0

        callbacks = (
            fluid.GetName(lambda _preset: name),
            fluid.GetNumber(lambda _preset: bank),
            fluid.GetNumber(lambda _preset: number),
            fluid.NoteOn(note_on),
            fluid.FreePreset(lambda _preset: None),
        )
        self._kept.append(callbacks)
        return self._library.new_fluid_preset(self._font, *callbacks)

    def _strike(self, synth: Any, bank: int, number: int, channel: int, pitch: int, velocity: int) -> None:
        instrument = self._instruments[number]
        recording = self._recording(bank, number, pitch, velocity)
        note = self._recordings[number].mapped(recording)
        generators = _noise(instrument, pitch) if bank == NOISES else _note(instrument, pitch, velocity)
        generators[fluid.FINE_TUNE] = -recording.cents
        pans = (_LEFT, _RIGHT) if len(note.sides) == 2 else (_MIDDLE,)
        for side, pan in enumerate(pans):
            sample = self._sample(number, recording, note, side)
            voice = self._library.fluid_synth_alloc_voice(synth, sample, channel, pitch, velocity)
            if voice:
                for generator, value in (*generators.items(), (fluid.PAN, pan)):
                    self._library.fluid_voice_gen_set(voice, generator, value)
                self._library.fluid_synth_start_voice(synth, voice)

    def _recording(self, bank: int, number: int, pitch: int, velocity: int) -> Recording:
        if bank == NOISES:
            return self._recordings[number].nearest_release(pitch)
        return self._recordings[number].nearest(_layer(self._instruments[number], velocity).recorded, pitch)

    def _sample(self, number: int, recording: Recording, note: MappedNote, side: int) -> Any:
        key = (number, recording.file, side)
        if key not in self._samples:
            sample = self._library.new_fluid_sample()
            frames = note.sides[side, PAD_FRAMES:-PAD_FRAMES]
            address = ctypes.c_void_p(frames.ctypes.data)
            self._library.fluid_sample_set_sound_data(sample, address, None, len(frames), note.rate_hz, 0)
            self._library.fluid_sample_set_pitch(sample, recording.pitch, 0)
            self._samples[key] = sample
        return self._samples[key]


def _layer(instrument: RecordedInstrument, velocity: int) -> VelocityLayer:
    return next(layer for layer in instrument.layers if velocity <= layer.velocity_to)


def _note(instrument: RecordedInstrument, pitch: int, velocity: int) -> dict[int, float]:
    lowpass_hz = min(instrument.lowpass_hz, _layer(instrument, velocity).lowpass_hz)
    damped = pitch < instrument.undamped_from
    return {
        fluid.ATTENUATION: -10 * instrument.trim_db,
        fluid.ATTACK: timecents(instrument.attack_s),
        fluid.RELEASE: timecents(instrument.release_s if damped else _UNDAMPED_S),
        fluid.FILTER_CUTOFF: 1200 * math.log2(lowpass_hz / _LOWEST_HZ),
    }


def _noise(instrument: RecordedInstrument, pitch: int) -> dict[int, float]:
    dampers = pitch == DAMPERS_PITCH
    level_db = (instrument.pedal_noise_db if dampers else instrument.key_noise_db) or 0.0
    cutoff_hz = min(DAMPERS_HZ if dampers else 20_000.0, instrument.lowpass_hz)
    return {
        fluid.ATTENUATION: max(0.0, -10 * (instrument.trim_db + level_db)),
        fluid.RELEASE: timecents(_UNDAMPED_S),
        fluid.FILTER_CUTOFF: 1200 * math.log2(cutoff_hz / _LOWEST_HZ),
    }

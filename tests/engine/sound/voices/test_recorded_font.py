"""Recorded instruments in FluidSynth: touch changes the timbre, notes die away, keys and dampers are heard."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InstrumentError
from engine.parameters.instruments import RecordedInstrument, recorded_instruments
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.voices.band import open_module
from engine.sound.voices.fluidsynth_library import library
from engine.sound.voices.recordings import Recordings
from engine.sound.voices.soundfont_voice import SoundFontModule
from engine.sound.voices.soundfonts import SYSTEM_SOUNDFONTS, find_soundfont, recorded_in
from tests.engine.sounds import rms

STEP = 4096
pytestmark = pytest.mark.skipif(find_soundfont() is None, reason="no SoundFont here")


@pytest.fixture
def module() -> Iterator[SoundFontModule]:
    made = SoundFontModule(soundfont(), 1, recorded_instruments())
    yield made
    made.close()


def soundfont() -> Path:
    path = find_soundfont()
    assert path
    return path


def rendered(module: SoundFontModule, length_s: float) -> np.ndarray:
    pieces = []
    for _ in range(round(length_s * SAMPLE_RATE_HZ / STEP)):
        out = np.zeros((2, STEP), dtype=np.float32)
        module.render(out)
        pieces.append(out)
    return np.concatenate(pieces, axis=1)


def tilt_db(sound: np.ndarray) -> float:
    """Partials above 1.2 kHz over those below 700 Hz."""
    power = (np.abs(np.fft.rfft(sound * np.hanning(sound.shape[1]))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE_HZ)
    return float(10 * np.log10(power[(hz > 1200) & (hz < 6000)].sum() / power[(hz > 60) & (hz < 700)].sum()))


def struck(module: SoundFontModule, pitch: int, velocity: int, length_s: float = 2.0) -> np.ndarray:
    module.silence()
    rendered(module, 0.2)
    module.note_on(0, pitch, velocity)
    return rendered(module, length_s)


@pytest.mark.parametrize("pitch", [48, 60, 72])
def test_touch_changes_the_timbre_and_not_only_the_level(module: SoundFontModule, pitch: int) -> None:
    module.select(0, "piano")
    soft, loud = struck(module, pitch, 30), struck(module, pitch, 60)
    assert tilt_db(loud) - tilt_db(soft) > 4.0
    # FluidSynth's law is 12 dB; recordings of all layers are equally loud, within what keys differ
    assert 9.0 < 20 * np.log10(rms(loud) / rms(soft)) < 15.0


def test_a_soundfont_that_somebody_named_keeps_its_own_piano(tmp_path: Path) -> None:
    own = SoundFontModule(soundfont(), 1, recorded_in(tmp_path / "own.sf2"))
    own.select(0, "piano")
    soft, loud = struck(own, 60, 30), struck(own, 60, 60)
    assert abs(tilt_db(loud) - tilt_db(soft)) < 0.1  # FluidR3 has one layer there
    own.select(0, "felt_piano")
    assert tilt_db(struck(own, 60, 60)) < tilt_db(loud) - 6.0
    own.close()


def test_the_best_soundfont_of_the_system_leaves_the_piano_to_the_recordings(tmp_path: Path) -> None:
    copy = tmp_path / "own.sf2"
    copy.symlink_to(soundfont())
    tilts = []
    for path in (soundfont(), copy):
        module, why = open_module(path, ("piano",))
        assert why == ""
        assert isinstance(module, SoundFontModule)
        module.select(0, "piano")
        tilts.append(tilt_db(struck(module, 60, 30)))
        module.close()
    assert soundfont() in SYSTEM_SOUNDFONTS
    assert tilts[0] < tilts[1] - 6.0


def test_a_held_note_dies_away_without_a_loop(module: SoundFontModule) -> None:
    module.select(0, "piano")
    sound = struck(module, 60, 60, 13.0)
    levels = [20 * np.log10(rms(sound[:, s * SAMPLE_RATE_HZ : (s + 1) * SAMPLE_RATE_HZ]) + 1e-9) for s in range(13)]
    assert levels[1] - levels[5] > 4.0
    assert levels[5] > levels[11]
    assert levels[12] < levels[1] - 80.0


def test_keys_and_dampers_that_come_back_are_heard() -> None:
    felt = recorded_instruments()["felt_piano"].model_copy(update={"release_s": 0.05})
    silent = felt.model_copy(update={"key_noise_db": None, "pedal_noise_db": None})
    (key, dampers), without = (_after_release(instrument) for instrument in (felt, silent))
    assert min(key, dampers) > 1e-5
    assert max(without) < 0.6 * min(key, dampers)


def _after_release(instrument: RecordedInstrument) -> tuple[float, float]:
    """What is heard once a key has come up and its string is damped, and once the dampers have come down."""
    module = SoundFontModule(soundfont(), 1, {"felt_piano": instrument})
    module.select(0, "felt_piano")
    struck(module, 60, 60, 1.0)
    module.note_off(0, 60)
    rendered(module, 0.2)
    key = rms(rendered(module, 0.1))
    module.pedal(0, True)
    rendered(module, 2.0)
    module.pedal(0, False)
    dampers = rms(rendered(module, 0.1))
    module.close()
    return key, dampers


def test_high_keys_have_no_damper(module: SoundFontModule) -> None:
    def after_release(pitch: int) -> float:
        module.select(0, "piano")
        sound = struck(module, pitch, 90, 0.3)
        module.note_off(0, pitch)
        return rms(rendered(module, 0.5)[:, SAMPLE_RATE_HZ // 4 :]) / rms(sound)

    assert after_release(92) > 30 * after_release(86)


@pytest.mark.parametrize("name", sorted(recorded_instruments()))
def test_every_recorded_instrument_plays_in_tune(module: SoundFontModule, name: str) -> None:
    module.select(0, name)
    for pitch in (57, 62, 68):
        sound = struck(module, pitch, 64, 2.0).sum(axis=0)
        power = np.abs(np.fft.rfft(sound * np.hanning(sound.size), 8 * sound.size))
        hz = np.fft.rfftfreq(8 * sound.size, 1 / SAMPLE_RATE_HZ)
        octaves = 1 if name == "bells" else 0  # a tubular bell's own partial lies there: its pitch is in the ear
        wanted = 440.0 * 2 ** ((pitch - 69) / 12 + octaves)
        near = (hz > wanted * 0.97) & (hz < wanted * 1.03)
        found = np.average(hz[near], weights=power[near])
        assert abs(1200 * np.log2(found / wanted)) < 12.0, (name, pitch)


def test_a_damaged_recording_is_played_by_a_built_in_voice(
    module: SoundFontModule, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_self: Recordings, _recording: object) -> None:
        raise InstrumentError("salamander/060-3.ogg: damaged")

    module.select(0, "piano")
    monkeypatch.setattr(Recordings, "mapped", fails)
    assert rms(struck(module, 60, 60)) > 1e-3
    assert "060-3.ogg" in caplog.text


def test_without_recordings_the_soundfont_plays_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise InstrumentError("recordings.json: gone")

    monkeypatch.setattr("engine.sound.voices.soundfont_voice.RecordedFont", fails)
    module, why = open_module(soundfont(), ("piano",))
    assert "gone" in why
    assert isinstance(module, SoundFontModule)
    module.select(0, "felt_piano")
    assert rms(struck(module, 60, 60)) > 1e-3
    module.close()


def test_a_soundfont_is_opened_when_its_first_instrument_is_chosen_and_plays_then() -> None:
    recorded = {"piano": recorded_instruments()["piano"]}
    later = SoundFontModule(soundfont(), 1, recorded, when_needed=True)
    at_once = SoundFontModule(soundfont(), 1, recorded)
    for module in (later, at_once):
        module.select(0, "piano")
    assert np.array_equal(struck(later, 60, 80), struck(at_once, 60, 80))
    assert not _knows_its_presets(later)
    for module in (later, at_once):
        module.select(0, "vibraphone")
    assert np.array_equal(sound := struck(later, 60, 80), struck(at_once, 60, 80))
    assert rms(sound) > 1e-3
    assert _knows_its_presets(later)
    for module in (later, at_once):
        module.close()


def test_a_soundfont_that_went_away_before_it_was_needed_is_played_by_built_in_voices(tmp_path: Path) -> None:
    copy = tmp_path / "copy.sf2"
    copy.symlink_to(soundfont())
    module = SoundFontModule(copy, 1, {"piano": recorded_instruments()["piano"]}, when_needed=True)
    copy.unlink()
    module.select(0, "vibraphone")
    assert rms(struck(module, 60, 80)) > 1e-3
    module.close()


def _knows_its_presets(module: SoundFontModule) -> bool:
    """Whether FluidSynth itself has the SoundFont."""
    return int(library().fluid_synth_sfcount(ctypes.c_void_p(module._synth.synth))) > 1

"""SoundFonts as people have them: with one preset, without drums, with a few keys or only loud notes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import SoundFontError
from engine.music.notes import Note
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.voices.band import EVENT_FRAMES, Band, open_module
from engine.sound.voices.fallback_voice import FallbackModule
from engine.sound.voices.soundfont_presets import PERCUSSION_BANK, nearest_preset, read_presets
from engine.sound.voices.soundfont_voice import SoundFontModule
from tests.engine.sound.voices.soundfont_file import SmallPreset, write_soundfont
from tests.engine.sounds import INSTRUMENTS, rms, score

SECOND = SAMPLE_RATE_HZ // EVENT_FRAMES * EVENT_FRAMES
DRUMS = SmallPreset(bank=PERCUSSION_BANK)
LACKING = {
    "one preset, of a bass": [SmallPreset(program=32)],
    "no bank 0": [SmallPreset(bank=8, program=0)],
    "drums alone": [DRUMS],
    "no drums": [SmallPreset(program=program) for program in (0, 42, 14, 52, 24)],
    "a single key": [SmallPreset(keys=(60, 60)), DRUMS],
    "the upper half": [SmallPreset(keys=(64, 127)), DRUMS],
    "loud notes alone": [SmallPreset(velocities=(100, 127)), DRUMS],
    "soft notes alone": [SmallPreset(velocities=(1, 20)), DRUMS],
    "the last program": [SmallPreset(program=127)],
}


@pytest.mark.parametrize("presets", LACKING.values(), ids=LACKING)
@pytest.mark.parametrize("voice", VOICES)
def test_every_voice_sounds_on_a_soundfont_that_lacks_something(
    tmp_path: Path, presets: list[SmallPreset], voice: str
) -> None:
    module, said = open_module(write_soundfont(tmp_path / "small.sf2", presets))
    assert isinstance(module, SoundFontModule)
    assert "small.sf2 lacks instruments" in said
    pitches = (38, 45) if voice == "drums" else (40, 60, 80)
    for pitch in pitches:
        band = Band(module)
        band.play(0, score(Note(0.0, pitch, 0.5, 40), voice=voice), INSTRUMENTS)
        row = 2 * VOICES.index(voice)
        assert rms(band.render(SECOND)[row : row + 2]) > 1e-3, pitch
        module.silence()
    module.close()


def test_the_nearest_program_of_the_family_goes_first(tmp_path: Path) -> None:
    presets = read_presets(write_soundfont(tmp_path / "a.sf2", [SmallPreset(program=p) for p in (39, 44, 90)]))
    found = nearest_preset(presets, 0, 42)
    assert found is not None
    assert found.program == 44, "39 is nearer, but a bass guitar"
    assert nearest_preset(presets, PERCUSSION_BANK, 0) is None


def test_coverage_is_what_zones_say(tmp_path: Path) -> None:
    (preset,) = read_presets(write_soundfont(tmp_path / "a.sf2", [SmallPreset(keys=(50, 59), velocities=(10, 19))]))
    assert preset.playable.sum() == 100
    assert preset.playable[50:60, 10:20].all()


def test_a_damaged_list_of_presets_gives_built_in_voices_and_says_so(tmp_path: Path) -> None:
    path = write_soundfont(tmp_path / "cut.sf2", [SmallPreset()])
    path.write_bytes(path.read_bytes()[:-200])
    module, said = open_module(path)
    assert isinstance(module, FallbackModule) or "lacks" in said
    rng = np.random.default_rng(1)
    whole = write_soundfont(path, [SmallPreset(), DRUMS]).read_bytes()
    start = whole.index(b"pdta")
    for _ in range(200):
        data = bytearray(whole)
        data[int(rng.integers(start, len(data)))] = int(rng.integers(256))
        path.write_bytes(data)
        try:
            read_presets(path)
        except SoundFontError as problem:
            assert "cut.sf2" in str(problem)  # noqa: PT017

"""Textures: any file, endless and without a seam; broken ones are named once and passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.errors import TextureError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures.crossfade import Crossfade, LoopState, Source
from engine.sound.textures.files import LOUDNESS_RMS, TextureLoop, textures_in
from engine.sound.textures.treatment import Loop, Treatment, open_texture
from tests.engine.sounds import PyoReader, loudest_hz, rms, write_tone

STEP = 4096


def steps(loop: Loop, count: int) -> np.ndarray:
    """As pyo reads it; the first step fades in."""
    crossfade, pieces = Crossfade(), []
    crossfade.resume([(LoopState(Source(loop.path, Treatment(), 0.0), 0, 1.0, 1.0, 1.0), loop)])
    with PyoReader.running() as reader:
        reader.read(crossfade.read())
        pieces += [reader.read(crossfade.read()) for _ in range(count)]
    return np.concatenate(pieces, axis=1)


@pytest.mark.parametrize("rate_hz", [48_000, 44_100, 16_000, 96_000, 22_050, 11_127])
@pytest.mark.parametrize("octave", [0, 1, -1])
def test_pitch_is_right_at_every_rate_and_octave(tmp_path: Path, rate_hz: int, octave: int) -> None:
    loop = TextureLoop(write_tone(tmp_path / "tone.wav", 440, 3.0, rate_hz), octave=octave)
    assert loudest_hz(steps(loop, 12)[0]) == pytest.approx(440 * 2.0**octave, rel=0.005)


@pytest.mark.parametrize(("rate_hz", "reverse", "octave"), [(48_000, False, 0), (44_100, True, 0), (16_000, False, 1)])
def test_loop_goes_on_and_on_without_a_click(tmp_path: Path, rate_hz: int, reverse: bool, octave: int) -> None:
    time_s = np.arange(2 * rate_hz) / rate_hz
    sweep = 0.3 * np.sin(2 * np.pi * (200 + 100 * time_s) * time_s)
    soundfile.write(tmp_path / "sweep.wav", np.stack([sweep, -sweep], axis=1), rate_hz)
    audio = steps(TextureLoop(tmp_path / "sweep.wav", reverse, octave), 80)
    assert np.abs(np.diff(audio, 2)).max() < 0.05
    assert min(rms(audio[:, start : start + STEP]) for start in range(0, audio.shape[1], STEP)) > 0.02


def test_reverse_is_the_loop_backwards(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(SAMPLE_RATE_HZ)
    soundfile.write(tmp_path / "noise.wav", noise, SAMPLE_RATE_HZ, subtype="FLOAT")
    forwards, backwards = TextureLoop(tmp_path / "noise.wav"), TextureLoop(tmp_path / "noise.wav", reverse=True)
    heard = steps(backwards, 11)
    expected = forwards.looped(-12 * STEP, 11 * STEP)[:, ::-1]
    assert np.abs(heard - expected).max() < 1e-6


@pytest.mark.parametrize("octave", [1, 2])
def test_what_is_read_octaves_up_is_not_folded_down(tmp_path: Path, octave: int) -> None:
    """A tone that would lie at 36 or 72 kHz must vanish rather than come back at 12 or 24."""
    loop = TextureLoop(write_tone(tmp_path / "high.wav", 18_000.0), octave=octave)
    low = TextureLoop(write_tone(tmp_path / "low.wav", 1_000.0), octave=octave)
    assert rms(steps(loop, 8)) < 0.003 * rms(steps(low, 8))


@pytest.mark.parametrize("rate_hz", [44_100, 16_000])
def test_a_piece_of_a_resampled_loop_is_the_same_wherever_it_begins(tmp_path: Path, rate_hz: int) -> None:
    loop = TextureLoop(write_tone(tmp_path / "tone.wav", 500, 3.0, rate_hz))
    whole = loop.looped(-3000, 9000)
    assert np.abs(loop.looped(-17, 500) - whole[:, 2983:3483]).max() < 1e-6
    assert np.abs(loop.looped(1234, 500) - whole[:, 4234:4734]).max() < 1e-6


@pytest.mark.parametrize("level", [0.02, 0.1, 0.9])
def test_files_of_any_level_come_out_alike(tmp_path: Path, level: float) -> None:
    noise = level / 4 * np.random.default_rng(1).standard_normal((2 * SAMPLE_RATE_HZ, 2))
    soundfile.write(tmp_path / "noise.flac", noise, SAMPLE_RATE_HZ)
    assert rms(steps(TextureLoop(tmp_path / "noise.flac"), 20)) == pytest.approx(LOUDNESS_RMS, rel=0.1)


def test_a_long_file_is_not_held_in_memory(tmp_path: Path) -> None:
    loop = TextureLoop(write_tone(tmp_path / "long.flac", length_s=60.0))
    steps(loop, 60)
    assert sum(block.nbytes for block in loop._blocks.values()) < 3_000_000


@pytest.mark.parametrize("content", ["empty", "rubbish", "short", "silent", "truncated", "nan"])
def test_files_that_cannot_serve_are_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "odd.wav"
    good = write_tone(tmp_path / "good.wav")
    made = {
        "empty": b"",
        "rubbish": b"RIFF0000WAVEjunkjunk" * 9,
        "short": good.read_bytes(),
        "silent": b"",
        "truncated": good.read_bytes()[:40],
        "nan": b"",
    }
    path.write_bytes(made[content])
    if content == "short":
        soundfile.write(path, np.ones(900) * 0.1, SAMPLE_RATE_HZ)
    if content in ("silent", "nan"):
        value = 0.0 if content == "silent" else np.nan
        soundfile.write(path, np.full(SAMPLE_RATE_HZ, value), SAMPLE_RATE_HZ, subtype="FLOAT")
    with pytest.raises(TextureError, match=r"odd\.wav"):
        TextureLoop(path)


def test_a_file_cut_short_while_it_plays_falls_silent(tmp_path: Path) -> None:
    path = write_tone(tmp_path / "tone.wav", length_s=20.0)
    loop = TextureLoop(path)
    path.write_bytes(path.read_bytes()[:1000])
    assert np.isfinite(steps(loop, 200)).all()


def test_patterns_match_names_with_and_without_suffix_and_only_audio(tmp_path: Path) -> None:
    for name in ("pads one.wav", "pads_two.flac", "field.ogg", "pads.txt", "PADS.WAV"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in textures_in([tmp_path], "pads*")] == ["pads one.wav", "pads_two.flac"]
    assert [path.name for path in textures_in([tmp_path], "field")] == ["field.ogg"]
    assert textures_in([tmp_path], "") == textures_in([], "*") == textures_in([tmp_path / "gone"], "*") == []
    assert textures_in([tmp_path], "**") is not None
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "field.ogg").write_bytes(b"x")
    assert textures_in([tmp_path / "mine", tmp_path], "field") == [tmp_path / "mine" / "field.ogg"]


@pytest.mark.parametrize(("channels", "rate_hz", "says"), [(1, 2, "a rate of 2 Hz"), (9, 48_000, "9 channels")])
def test_a_header_of_no_sound_is_refused(tmp_path: Path, channels: int, rate_hz: int, says: str) -> None:
    """Forty bytes of a damaged file are enough to claim them."""
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.full((max(rate_hz, 100), channels), 0.1), rate_hz)
    for read in (TextureLoop, lambda broken: open_texture(broken, Treatment(pair=True), 0.0)):
        with pytest.raises(TextureError, match=f"tone.wav: {says}"):
            read(path)


def test_a_recording_with_a_mean_loses_it(tmp_path: Path) -> None:
    time_s = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    soundfile.write(tmp_path / "leaning.wav", 0.2 * np.sin(2 * np.pi * 440 * time_s) + 0.3, SAMPLE_RATE_HZ)
    loop = TextureLoop(tmp_path / "leaning.wav").looped(0, 2 * SAMPLE_RATE_HZ)
    assert np.abs(loop.mean(axis=1)).max() < 0.01 * np.abs(loop).max()

"""From a file to a loop that fits the music."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import TextureError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures.analysis import chroma, share_in_scale
from engine.sound.textures.files import LOUDNESS_RMS, TextureLoop
from engine.sound.textures.operations import stereo_pair
from engine.sound.textures.treatment import DUCKED_DB, LONGEST_FITTED_S, FittedLoop, Treatment, fitted, open_texture
from tests.engine.sounds import rms

D_MAJOR = (1, 2, 4, 6, 7, 9, 11)
NETWORK_HZ = 16_000


def chord(pitches: list[int], length_s: float, rate_hz: int = NETWORK_HZ) -> np.ndarray:
    t = np.arange(int(length_s * rate_hz)) / rate_hz
    tones = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * t + p) / n for p in pitches for n in (1, 2, 3, 20)]
    return (0.3 * np.sum(tones, axis=0) / len(tones)).astype(np.float32)


def clashing() -> np.ndarray:
    """Eight seconds of D major with a foreign Eb and Bb from 3 s to 5 s."""
    return np.concatenate([chord([62, 66, 69], 3), chord([63, 70], 2), chord([62, 66, 69], 3)])


def share(loop: np.ndarray) -> float:
    return share_in_scale(chroma(np.ascontiguousarray(loop[:, 0]), SAMPLE_RATE_HZ), D_MAJOR)


@given(seconds=st.floats(1.0, 4.0), channels=st.integers(1, 2), octave=st.integers(-1, 1), pair=st.booleans())
@settings(max_examples=5)
def test_everything_at_once_gives_a_finite_stereo_loop_in_the_scale(
    seconds: float, channels: int, octave: int, pair: bool
) -> None:
    sound = np.repeat(chord([61, 65, 68], seconds)[:, None], channels, axis=1)
    treatment = Treatment(D_MAJOR, "duck", pair, top=True, lower_noise=True, reverse=True, octave=octave)
    loop = fitted(sound, NETWORK_HZ, treatment)
    assert loop.shape[1] == 2
    assert loop.dtype == np.float32
    assert np.isfinite(loop).all()
    assert share(loop) > 0.9
    assert rms(loop) == pytest.approx(LOUDNESS_RMS, rel=0.15)


def test_the_pair_is_the_loop_and_its_halves_swapped_and_reversed() -> None:
    loop = fitted(chord([62, 66, 69], 4), NETWORK_HZ, Treatment(pair=True))
    assert np.array_equal(loop, stereo_pair(np.ascontiguousarray(loop[:, 0])))
    middle = len(loop) // 2
    assert np.array_equal(loop[: len(loop) - middle, 1], loop[middle:, 0][::-1])


def test_clashes_are_ducked_cut_or_kept() -> None:
    ducked, cut, kept = (
        fitted(clashing(), NETWORK_HZ, Treatment(D_MAJOR, dissonance)) for dissonance in ("duck", "cut", "keep")
    )
    clash = slice(round(3.4 * SAMPLE_RATE_HZ), round(4.6 * SAMPLE_RATE_HZ))
    assert rms(ducked[clash]) == pytest.approx(rms(kept[clash]) * 10 ** (DUCKED_DB / 20), rel=0.1)
    assert share(kept) < 0.9 < 0.97 < share(cut)
    assert len(ducked) == len(kept)
    assert len(kept) - len(cut) == pytest.approx(2 * SAMPLE_RATE_HZ, rel=0.2)


def test_what_clashes_all_over_is_lowered_and_not_raised_again() -> None:
    cluster = chord([60, 61, 62, 63, 64, 65], 4)
    loop = fitted(cluster, NETWORK_HZ, Treatment(D_MAJOR, "cut"))
    assert rms(loop) < 0.2 * LOUDNESS_RMS


def test_noise_clashes_with_nothing() -> None:
    noise = (0.1 * np.random.default_rng(1).standard_normal(4 * NETWORK_HZ)).astype(np.float32)
    assert np.array_equal(*(fitted(noise, NETWORK_HZ, Treatment(D_MAJOR, how)) for how in ("duck", "keep")))


@pytest.mark.parametrize(("rate_hz", "octave", "added"), [(16_000, 0, True), (16_000, 1, False), (48_000, 0, False)])
def test_the_top_is_given_back_only_where_it_is_missing(rate_hz: int, octave: int, added: bool) -> None:
    noise = (0.1 * np.random.default_rng(1).standard_normal(3 * rate_hz)).astype(np.float32)
    without, restored = (fitted(noise, rate_hz, Treatment(octave=octave, top=top)) for top in (False, True))
    assert np.array_equal(without, restored) != added
    if added:
        above = slice(round(8500 * len(restored) / SAMPLE_RATE_HZ), None)
        before, after = (np.abs(np.fft.rfft(loop[:, 0]))[above].std() for loop in (without, restored))
        assert after > 5 * before


def test_a_loop_goes_on_and_a_plain_file_is_streamed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "pads.flac", chord([62, 66, 69], 4), NETWORK_HZ)
    plain = Treatment(D_MAJOR, octave=1, reverse=True)
    assert isinstance(open_texture(tmp_path / "pads.flac", plain, 0.5), TextureLoop)
    loop = open_texture(tmp_path / "pads.flac", Treatment(D_MAJOR, pair=True), 0.5)
    assert isinstance(loop, FittedLoop)
    whole = loop.looped(-1000, 60 * 4096)
    assert np.abs(np.diff(whole, 2)).max() < 0.05
    length = loop._loop.shape[1]
    assert np.array_equal(whole[:, :5000], whole[:, length : length + 5000])


def test_a_long_file_is_fitted_in_part(tmp_path: Path) -> None:
    rate_hz = 4000
    levels = np.repeat([0.1, 0.4], round(LONGEST_FITTED_S * rate_hz))
    tone = np.sin(2 * np.pi * 220 * np.arange(len(levels)) / rate_hz)
    soundfile.write(tmp_path / "long.wav", np.stack([levels * tone, levels], axis=1), rate_hz)
    loops = [open_texture(tmp_path / "long.wav", Treatment(pair=True), place) for place in (0.0, 1.0)]
    assert all(isinstance(loop, FittedLoop) and loop._loop.shape[1] < 90 * SAMPLE_RATE_HZ for loop in loops)


@pytest.mark.parametrize(("content", "why"), [("rubbish", "cannot be read"), ("silent", "silent"), ("nan", "numbers")])
def test_what_cannot_serve_is_named(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "odd.wav"
    if content == "rubbish":
        path.write_bytes(b"RIFF nothing")
    else:
        value = 0.0 if content == "silent" else np.nan
        soundfile.write(path, np.full(2 * NETWORK_HZ, value), NETWORK_HZ, subtype="FLOAT")
    with pytest.raises(TextureError, match=why) as caught:
        open_texture(path, Treatment(pair=True), 0.0)
    assert "odd.wav" in str(caught.value)

"""The hold loop: seamless whatever it is made of, and refused when it could not be played."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ReelError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import HOLD_S
from engine.reels.hold_loop import (
    PD_BLOCK_FRAMES,
    check_hold_loop,
    make_first_hold_loop,
    seamless,
    write_hold_loop,
)


def noise(frames: int, level: float = 0.05) -> np.ndarray:
    return (level * np.random.default_rng(1).standard_normal((frames, 2))).astype(np.float32)


@pytest.fixture(scope="module")
def first() -> np.ndarray:
    return make_first_hold_loop()


def test_first_loop_is_soft_and_passes_its_own_check(first: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "hold" / "first.wav"
    write_hold_loop(path, first)
    loop = check_hold_loop(path)
    assert loop.shape == (24 * SAMPLE_RATE_HZ, 2)
    assert pyloudnorm.Meter(SAMPLE_RATE_HZ).integrated_loudness(loop) == pytest.approx(-30.0, abs=1.0)
    assert list(path.parent.iterdir()) == [path]


def test_first_loop_keeps_its_level_across_the_seam(first: np.ndarray) -> None:
    """It is periodic, so crossing its end into its beginning must not change it."""
    loop = seamless(first)
    np.testing.assert_allclose(loop[:96_000], first[:96_000], atol=2e-5)


@given(frames=st.integers(3 * SAMPLE_RATE_HZ, 5 * SAMPLE_RATE_HZ), pitch_hz=st.floats(40.0, 4000.0))
@settings(max_examples=15)
def test_any_tone_loops_without_a_step(frames: int, pitch_hz: float) -> None:
    tone = 0.3 * np.sin(2 * np.pi * pitch_hz * np.arange(frames) / SAMPLE_RATE_HZ)
    loop = seamless(np.stack([tone, tone], axis=1).astype(np.float32))
    assert len(loop) % PD_BLOCK_FRAMES == 0
    step = np.abs(np.diff(tone)).max()
    assert np.abs(loop[0] - loop[-1]).max() <= 1.01 * step + 1e-4


def test_noise_keeps_its_power_where_it_is_crossed() -> None:
    loop = seamless(noise(6 * SAMPLE_RATE_HZ))
    crossed, plain = loop[: 2 * SAMPLE_RATE_HZ], loop[2 * SAMPLE_RATE_HZ :]
    assert crossed.std() == pytest.approx(plain.std(), rel=0.02)


def test_long_material_is_cut_to_what_the_room_has_memory_for(tmp_path: Path) -> None:
    write_hold_loop(tmp_path / "long.wav", noise(40 * SAMPLE_RATE_HZ))
    assert len(check_hold_loop(tmp_path / "long.wav")) == HOLD_S * SAMPLE_RATE_HZ


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        (np.zeros((96_000, 2), np.float32), "silent"),
        (np.full((96_000, 2), np.nan, np.float32), "not finite"),
        (noise(96_000, 1.0), "too loud"),
        (noise(6_400), "1 to 24 s"),
        (noise(96_000)[:, :1], "2 channels"),
    ],
)
def test_what_cannot_serve_is_not_written(audio: np.ndarray, said: str, tmp_path: Path) -> None:
    with pytest.raises(ReelError, match=said):
        write_hold_loop(tmp_path / "loop.wav", audio)
    assert not any(tmp_path.iterdir())


def test_check_refuses_foreign_and_broken_files(tmp_path: Path) -> None:
    path = tmp_path / "loop.wav"
    with pytest.raises(ReelError, match="cannot be read"):
        check_hold_loop(path)
    path.write_bytes(b"RIFF not really")
    with pytest.raises(ReelError, match="cannot be read"):
        check_hold_loop(path)
    soundfile.write(path, noise(96_000), 44_100)
    with pytest.raises(ReelError, match="44100 Hz"):
        check_hold_loop(path)
    ramp = np.linspace(-0.5, 0.5, 96_000, dtype=np.float32)
    soundfile.write(path, np.stack([ramp, ramp], axis=1), SAMPLE_RATE_HZ, subtype="FLOAT")
    with pytest.raises(ReelError, match="click"):
        check_hold_loop(path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ReelError, match="cannot be written"):
        write_hold_loop(tmp_path / "file" / "loop.wav", noise(3 * SAMPLE_RATE_HZ))

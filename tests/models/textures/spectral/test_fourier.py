"""Fourier transforms of our own give what a library's do, and the same bits everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from models.textures.spectral.fourier import real_frames, real_spectra

FRAMES = np.random.default_rng(1).integers(-999, 999, (3, 64)).astype(np.float32) / 1024.0
SEEN_EVERYWHERE = "9c5caee0a42b73ab"


@pytest.mark.parametrize("size", [4, 64, 4096])
def test_there_as_a_library_has_it_and_back_again(size: int) -> None:
    frames = np.random.default_rng(2).standard_normal((2, size)).astype(np.float32)
    spectra = real_spectra(frames)
    assert np.allclose(spectra, np.fft.rfft(frames, axis=1), atol=1e-6 * size)
    assert np.allclose(real_frames(spectra), frames, atol=1e-5)
    assert np.allclose(real_frames(spectra), np.fft.irfft(spectra, size, axis=1), atol=1e-5)


@pytest.mark.parametrize("count", [1, 7, 9])
def test_a_frame_has_the_same_bits_whatever_stands_beside_it(count: int) -> None:
    frames = np.random.default_rng(4).standard_normal((count, 64)).astype(np.float32)
    alone = np.concatenate([real_spectra(frame[None]) for frame in frames])
    assert real_spectra(frames).tobytes() == alone.tobytes()
    assert real_frames(alone).tobytes() == np.concatenate([real_frames(one[None]) for one in alone]).tobytes()


def test_every_processor_has_the_same_bits() -> None:
    both = real_spectra(FRAMES).tobytes() + real_frames(real_spectra(FRAMES)).tobytes()
    assert hashlib.sha256(both).hexdigest()[:16] == SEEN_EVERYWHERE

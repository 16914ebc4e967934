"""Sketches for training: levels and phases as the piece has them, made once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from models.textures.audio.mu_law import expand
from models.textures.spectral.bands import levels
from models.textures.spectral.transform import HOP, RATE_HZ
from models.textures.training.pieces import Prepared
from models.textures.training.sketches import sketched, with_sketches
from models.textures.waveform.sketch import coded

FRAMES = 64


def chord() -> np.ndarray:
    t = np.arange(FRAMES * HOP) / RATE_HZ
    return (0.1 * sum(np.sin(2.0 * np.pi * hz * t) for hz in (220.0, 331.0, 800.0))).astype(np.float32)


def test_true_levels_and_true_phases_are_the_sound_again() -> None:
    sound = chord()
    wanted, found = coded(sound), sketched(levels(sound), sound)
    inner = slice(2048, -2048)
    assert np.std(found[inner] - wanted[inner]) < 0.1 * np.std(wanted[inner])
    backwards = sketched(levels(sound), sound[::-1].copy())
    assert np.std(backwards[inner] - wanted[inner]) > np.std(wanted[inner])  # the control: phases of another sound


def test_a_piece_gets_its_sketch_once(tmp_path: Path) -> None:
    sound = chord()
    soundfile.write(tmp_path / "piece.flac", np.stack([sound, sound], axis=1), RATE_HZ)
    own = np.stack([levels(sound), levels(0.01 * sound)]).astype(np.float16)
    quiet = np.full(FRAMES * 256, 128, np.uint8)
    piece = Prepared(own, quiet, np.ones(12, np.float32), 0, tmp_path / "piece.flac")
    [first] = with_sketches([piece], tmp_path)
    assert first.levels.shape == (1, FRAMES, own.shape[2])
    assert first.sketch is not None
    assert first.sketch.shape == expand(first.classes).shape
    wanted, inner = coded(sound), slice(2048, -2048)
    assert np.std(first.sketch[inner] - wanted[inner]) < 0.1 * np.std(wanted[inner])
    (tmp_path / "piece.flac").unlink()
    [again] = with_sketches([piece], tmp_path)
    assert again.sketch is not None
    assert np.array_equal(first.sketch, again.sketch)

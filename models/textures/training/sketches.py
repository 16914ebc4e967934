"""What networks of waves learn to keep to: pieces as their levels tell them, with the phases that they really have.

When a texture is drawn, levels come from a plan and phases are found for them. In training both are the piece's own: so
a sketch and the sound that is to be drawn on it agree up to what levels do not say, which is little below 1.5 kHz and
much above. This is what the network learns to put back. Levels that the codec had made of the piece first left an error
to be drawn that was 6 dB below the sound: a network can only make noise of it, and tones stood 3 to 6 dB less far out
than those of the sketch.

FOLDER/sketches/PIECE.npz    of each piece of the corpus
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.audio.audio_input import read_stereo
from models.textures.spectral.bands import log_magnitudes
from models.textures.spectral.phases import exponential_of
from models.textures.spectral.transform import HOP, RATE_HZ, sound_of, spectra
from models.textures.training.pieces import Prepared
from models.textures.waveform.sketch import coded

LEAST_MAGNITUDE: Final = 1e-9


def with_sketches(pieces: Sequence[Prepared], folder: Path) -> list[Prepared]:
    """The pieces, each with levels [1 x frames x BANDS] of its middle and a sketch of its values."""
    (folder / "sketches").mkdir(parents=True, exist_ok=True)
    return [_with_sketch(piece, folder / "sketches") for piece in pieces]


def _with_sketch(piece: Prepared, folder: Path) -> Prepared:
    path, levels = folder / f"{piece.sound.stem}.npz", piece.levels[0].astype(np.float32)
    if not path.is_file():
        sound = read_stereo(piece.sound, RATE_HZ)[: len(levels) * HOP].mean(axis=1)
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, sketch=sketched(levels, sound).astype(np.float16))
        os.replace(temporary, path)
    with np.load(path) as kept:
        return replace(piece, levels=piece.levels[:1], sketch=kept["sketch"])


def sketched(levels: NDArray[np.float32], sound: NDArray[np.floating]) -> NDArray[np.float32]:
    """Values [frames * 256] of levels [frames x BANDS], with the phases that mono sound [frames * HOP] has."""
    own = spectra(sound)[: len(levels)]
    turned = own / np.maximum(np.abs(own), LEAST_MAGNITUDE)
    return coded(sound_of((turned * exponential_of(log_magnitudes(levels))).astype(np.complex64)))

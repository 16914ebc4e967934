"""What networks of waves learn to keep to: pieces as the codec tells them, with the phases that they really have.

When a texture is drawn, levels come out of the codec and phases are found for them. In training the levels come out of
the codec as well, but the phases are the piece's own: so a sketch and the sound that is to be drawn on it agree, up to
what the codec has lost, and this is what the network learns to put back.

FOLDER/sketches/PIECE.npz    of each piece of the corpus; made anew when the codec has learnt more
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from models.common.devices import autocast
from models.textures.audio.audio_input import read_stereo
from models.textures.spectral.bands import log_magnitudes
from models.textures.spectral.codec import Codec
from models.textures.spectral.phases import exponential_of
from models.textures.spectral.transform import HOP, RATE_HZ, sound_of, spectra
from models.textures.training.pieces import Prepared
from models.textures.waveform.sketch import coded

AT_ONCE: Final = 2048
"""Frames, half a minute, that go through the codec together."""
LEAST_MAGNITUDE: Final = 1e-9


def with_sketches(pieces: Sequence[Prepared], codec: Codec, codec_file: Path, folder: Path) -> list[Prepared]:
    """The pieces, each with levels [1 x frames x BANDS] as the codec tells them and a sketch of its values."""
    (folder / "sketches").mkdir(parents=True, exist_ok=True)
    return [_with_sketch(piece, codec, codec_file, folder / "sketches") for piece in pieces]


def _with_sketch(piece: Prepared, codec: Codec, codec_file: Path, folder: Path) -> Prepared:
    path = folder / f"{piece.sound.stem}.npz"
    learnt_s = codec_file.stat().st_mtime if codec_file.is_file() else 0.0
    if not path.is_file() or path.stat().st_mtime < learnt_s:
        levels = there_and_back(codec, piece.levels)
        sound = read_stereo(piece.sound, RATE_HZ)[: len(levels) * HOP].mean(axis=1)
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(file, levels=levels.astype(np.float16), sketch=sketched(levels, sound).astype(np.float16))
        os.replace(temporary, path)
    with np.load(path) as kept:
        return replace(piece, levels=kept["levels"][None], sketch=kept["sketch"])


@torch.no_grad()
def there_and_back(codec: Codec, levels: NDArray[np.floating]) -> NDArray[np.float32]:
    """Levels [frames x BANDS] of the middle that a codec makes of a piece's [2 x frames x BANDS]."""
    device = next(codec.parameters()).device
    whole = torch.from_numpy(levels.astype(np.float32))[None].to(device)
    with autocast(device):
        parts = [codec(part) for part in whole.split(AT_ONCE, dim=2)]
    back: NDArray[np.float32] = torch.cat(parts, dim=2)[0, 0].float().cpu().numpy()
    return back


def sketched(levels: NDArray[np.float32], sound: NDArray[np.floating]) -> NDArray[np.float32]:
    """Values [frames * 256] of levels [frames x BANDS], with the phases that mono sound [frames * HOP] has."""
    own = spectra(sound)[: len(levels)]
    turned = own / np.maximum(np.abs(own), LEAST_MAGNITUDE)
    return coded(sound_of((turned * exponential_of(log_magnitudes(levels))).astype(np.complex64)))

"""Contours: how pitch classes and levels moved in training pieces of a style; a drawing borrows them.

models/weights/NAME/contours.safetensors  per style [pieces x blocks / 4 x conditions], and as STYLE.spectrum the
                                          mean spectrum of its training material
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.common.weights import save_weights
from models.textures.audio.mu_law import decode
from models.textures.conditioning.conditions import PITCH_CLASSES, in_scale, joined, level_db
from models.textures.conditioning.spectral_correction import spectrum_db

CONTOURS: Final = "contours"
CONTOUR_STRIDE: Final = 4
"""Contours are kept once in so many blocks (64 ms) and drawn straight between."""
CONTOURS_PER_STYLE: Final = 20
OPENING_BLOCKS: Final = 62
"""How a piece rises out of silence, its first second, is not borrowed: within a texture that would be a gap."""
REST_DB: Final = 25.0
MOST_RESTS: Final = 0.5
SPECTRUM: Final = ".spectrum"
SPECTRUM_PIECES: Final = 40


def contours(pieces: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """Conditions [blocks x conditions] of some pieces of one style, worth borrowing: long ones without long rests,
    of the half whose levels lie and move most as in them all, so that a few draws are already like the style."""
    longest = max(len(piece) for piece in pieces)
    long = [piece for piece in pieces if len(piece) == longest]
    steady = [piece for piece in long if rests(piece) <= MOST_RESTS] or long
    bands = [level_db(piece[:, PITCH_CLASSES:]) for piece in steady]
    ways = np.array([np.concatenate([one.mean(axis=0), one.std(axis=0)]) for one in bands])
    away_db = np.abs(ways - np.median(ways, axis=0)).mean(axis=1)
    typical = [piece for piece, away in zip(steady, away_db, strict=True) if away <= np.median(away_db)]
    return typical[:: max(1, len(typical) // CONTOURS_PER_STYLE)][:CONTOURS_PER_STYLE]


def rests(conditions: NDArray[np.float32]) -> float:
    """Share of a piece that is `REST_DB` below its loudest moment."""
    whole_db = level_db(conditions[:, PITCH_CLASSES:]).max(axis=1)
    return float((whole_db < whole_db.max() - REST_DB).mean())


def mean_spectrum(pieces: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Mean of `conditioning.spectral_correction.spectrum_db` over some of the pieces [frames] of classes."""
    some = pieces[:: -(-len(pieces) // SPECTRUM_PIECES)]
    return np.mean([spectrum_db(decode(piece)) for piece in some], axis=0).astype(np.float32)


def save_contours(
    folder: Path,
    per_style: Mapping[str, Sequence[NDArray[np.float32]]],
    spectra: Mapping[str, NDArray[np.float32]],
) -> None:
    """Keeps conditions of some pieces [blocks x conditions] per style, thinned out, as [pieces x blocks / 4 x …], and
    the spectrum in dB [bands] of each style in `spectra`."""
    arrays = {style + SPECTRUM: spectrum for style, spectrum in spectra.items()}
    for style, pieces in per_style.items():
        shortest = min(len(piece) for piece in pieces) // CONTOUR_STRIDE * CONTOUR_STRIDE
        arrays[style] = np.stack([piece[:shortest:CONTOUR_STRIDE] for piece in pieces])
    save_weights(folder / f"{CONTOURS}.safetensors", arrays, {"network": CONTOURS})


def planned(
    kept: NDArray[np.float32], blocks: int, rng: np.random.Generator, scale: Sequence[int] | None
) -> NDArray[np.float32]:
    """Conditions [blocks x conditions] for one stream: some of a style's kept contours, joined, moved into `scale`."""
    chosen: list[NDArray[np.float32]] = []
    while sum(map(len, chosen)) < 2 * blocks:
        contour = kept[int(rng.integers(len(kept)))]
        fine = np.linspace(0, len(contour) - 1, CONTOUR_STRIDE * len(contour))
        whole = np.stack([np.interp(fine, np.arange(len(contour)), column) for column in contour.T], axis=1)
        first = int(rng.integers(min(OPENING_BLOCKS, len(whole) // 4), len(whole) // 2))
        begun = whole[first:].astype(np.float32)
        chosen.append(begun if scale is None else in_scale(begun, scale))
    return joined(chosen, blocks)

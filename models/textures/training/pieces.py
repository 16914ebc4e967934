"""A corpus as the networks of textures see it: levels, classes and pitch classes of each piece, computed once.

FOLDER/prepared/PIECE.npz    of each piece of the corpus
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextureError
from models.textures.audio.audio_input import read_stereo, resampled
from models.textures.audio.mu_law import RATE_HZ, encode
from models.textures.audio.pitch_classes import pitch_classes
from models.textures.corpus.corpus import Piece, read_list
from models.textures.spectral.bands import BANDS, CENTRES, levels
from models.textures.spectral.decoding import STEP_FRAMES
from models.textures.spectral.transform import HOP
from models.textures.spectral.transform import RATE_HZ as CORPUS_RATE_HZ

IN_SCALE: Final = 0.35
"""A pitch class belongs to a piece's scale when it is there so much, of what the strongest is."""
SHORTEST_FRAMES: Final = 128
"""Two seconds; shorter pieces are left out."""


@dataclass(frozen=True)
class Prepared:
    """One piece: levels float16 [2 x frames x BANDS] of middle and side, classes uint8 [blocks * 256] at 16 kHz,
    which pitch classes it uses float32 [12], and the index of its style."""

    levels: NDArray[np.float16]
    classes: NDArray[np.uint8]
    scale: NDArray[np.float32]
    style: int
    sound: Path = Path()
    """The piece in the corpus."""
    sketch: NDArray[np.float16] | None = None
    """[blocks * 256] values at 16 kHz that networks of waves keep to, see `models.textures.training.sketches`."""


def prepared(
    corpus: Path, folder: Path, styles: Sequence[str], split: str, report: Callable[[str], None]
) -> list[Prepared]:
    """All pieces of a split in the order of the corpus; raises `TextureError` when a style has none."""
    wanted = [piece for piece in read_list(corpus) if piece.split == split and piece.style in styles]
    if missing := set(styles) - {piece.style for piece in wanted}:
        raise TextureError(f"{corpus}: no {split} pieces of style {', '.join(sorted(missing))}; render or import more")
    (folder / "prepared").mkdir(parents=True, exist_ok=True)
    report(f"{len(wanted)} {split} pieces")
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda p: _prepare(corpus, folder, p, styles.index(p.style)), wanted))
    return [piece for piece in found if piece.levels.shape[1] >= SHORTEST_FRAMES]


def _prepare(corpus: Path, folder: Path, piece: Piece, style: int) -> Prepared:
    path = folder / "prepared" / f"{Path(piece.file).stem}.npz"
    if not path.is_file():
        sound = read_stereo(corpus / piece.file, CORPUS_RATE_HZ)
        sound = sound[: len(sound) // (STEP_FRAMES * HOP) * STEP_FRAMES * HOP]
        middle, side = sound.mean(axis=1), 0.5 * (sound[:, 0] - sound[:, 1])
        low = resampled(middle, CORPUS_RATE_HZ, RATE_HZ)
        presence = pitch_classes(low).mean(axis=0)
        temporary = path.with_suffix(".part")
        with temporary.open("wb") as file:
            np.savez(
                file,
                levels=np.stack([levels(middle), levels(side)]).astype(np.float16),
                classes=encode(low),
                scale=(presence > IN_SCALE * presence.max()).astype(np.float32),
            )
        os.replace(temporary, path)
    with np.load(path) as kept:
        return Prepared(kept["levels"], kept["classes"], kept["scale"], style, corpus / piece.file)


def crops(pieces: Sequence[Prepared], rng: np.random.Generator, count: int, frames: int) -> NDArray[np.float32]:
    """Levels [count x 2 x frames x BANDS] from anywhere in pieces of at least as many frames, every style as often."""
    styles = sorted({piece.style for piece in pieces})
    by_style = {style: [piece.levels for piece in pieces if piece.style == style] for style in styles}
    found = []
    for _ in range(count):
        among = by_style[styles[int(rng.integers(len(styles)))]]
        own = among[int(rng.integers(len(among)))]
        start = int(rng.integers(1 + own.shape[1] - frames))
        found.append(own[:, start : start + frames])
    return np.stack(found).astype(np.float32)


def transposed(levels: NDArray[np.floating], semitones: int) -> NDArray[np.float32]:
    """Levels [… x BANDS] as if everything sounded so much higher, on straight lines between bands.

    Partials keep their width in bands, so it is close to a scene in another key, not the same; by more than a few
    semitones timbres would leave their style.
    """
    source = np.interp(CENTRES / 2.0 ** (semitones / 12.0), CENTRES, np.arange(BANDS))
    below = np.minimum(source.astype(int), BANDS - 2)
    share = (source - below).astype(np.float32)
    whole = levels.astype(np.float32)
    return np.asarray(whole[..., below] * (1.0 - share) + whole[..., below + 1] * share)

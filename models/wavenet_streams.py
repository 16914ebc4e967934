"""The pieces of a corpus as a WaveNet hears them: classes and conditions, in endless streams for training."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError
from models.linear_prediction import foretold
from models.mu_law import SILENCE, encode
from models.texture_conditions import BLOCK_FRAMES, PITCH_CLASSES, measure
from models.texture_corpus import Piece, read_list
from models.wavenet_sizes import WaveNetSizes


@dataclass(frozen=True)
class Heard:
    """One piece, ready to be learnt: classes uint8 [frames], conditions [blocks x 16], index of its style, and what
    linear prediction expects, levels uint16 [frames], or None for a network that does without."""

    classes: NDArray[np.uint8]
    conditions: NDArray[np.float32]
    style: int
    foretold: NDArray[np.uint16] | None = None

    @property
    def blocks(self) -> int:
        return len(self.conditions)


@dataclass(frozen=True)
class Step:
    """What all streams hear in one step; `fresh` are those that began another piece."""

    given: NDArray[np.int64]
    """[frames x streams]"""
    wanted: NDArray[np.int64]
    """[frames x streams], the classes that follow the given ones."""
    style: NDArray[np.float32]
    """[streams x styles]"""
    conditions: NDArray[np.float32]
    """[frames / 256 x streams x 16], those of the wanted classes."""
    fresh: list[int]
    foretold: NDArray[np.int64] | None = None
    """[frames x streams], the levels expected of the wanted classes."""


def load_pieces(folder: Path, sizes: WaveNetSizes, split: str) -> list[Heard]:
    """All pieces of a split that a network of these sizes learns.

    Raises `TextureError` when a style has none or a piece cannot be read.
    """
    styles = sizes.styles
    pieces = [piece for piece in read_list(folder) if piece.split == split and piece.style in styles]
    missing = set(styles) - {piece.style for piece in pieces}
    if missing:
        raise TextureError(f"{folder}: no {split} pieces of style {', '.join(sorted(missing))}; render or import more")
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda p: hear(folder, p, styles.index(p.style), sizes.predictor_order), pieces))


def hear(folder: Path, piece: Piece, style: int, predictor_order: int = 0) -> Heard:
    """One piece as a network hears it; raises `TextureError` naming the file when it cannot be read."""
    try:
        sound, _ = soundfile.read(folder / piece.file, dtype="float32")
    except (OSError, RuntimeError) as error:
        raise TextureError(f"{folder / piece.file}: cannot be read ({error}); build the corpus again") from error
    sound = sound[: len(sound) // BLOCK_FRAMES * BLOCK_FRAMES]
    classes = encode(sound)
    return Heard(classes, measure(sound), style, foretold(classes, predictor_order) if predictor_order else None)


def given_for(classes: NDArray[np.uint8], start: int, end: int) -> NDArray[np.uint8]:
    """The classes one before each of start..end; silence before the first."""
    before = classes[start - 1 : start] if start else np.array([SILENCE], np.uint8)
    return np.concatenate([before, classes[start : end - 1]])


class Streams:
    """Several endless readings through pieces, each of a style by chance, cut into steps of equal length.

    A stream reads its piece on from where the last step ended. A share `unconditioned` of readings hears no pitch
    classes, so that the network can also do without.
    """

    def __init__(self, pieces: list[Heard], count: int, frames: int, unconditioned: float, seed: int) -> None:
        pieces = [piece for piece in pieces if len(piece.classes) >= frames]
        if not pieces:
            raise TextureError(f"no piece is as long as a step of {frames} frames; train with shorter steps")
        self.by_style = [[p for p in pieces if p.style == s] for s in sorted({p.style for p in pieces})]
        self.frames, self.unconditioned = frames, unconditioned
        self.styles = 1 + max(p.style for p in pieces)
        self.rng = np.random.default_rng(seed)
        self.reading: list[tuple[Heard, int, bool]] = [self._begin() for _ in range(count)]

    def _begin(self) -> tuple[Heard, int, bool]:
        pieces = self.by_style[int(self.rng.integers(len(self.by_style)))]
        piece = pieces[int(self.rng.integers(len(pieces)))]
        start = int(self.rng.integers(1 + piece.blocks - self.frames // BLOCK_FRAMES)) * BLOCK_FRAMES
        return piece, start, bool(self.rng.random() < self.unconditioned)

    def step(self) -> Step:
        fresh = []
        for number, (piece, start, _) in enumerate(self.reading):
            if start + self.frames > len(piece.classes):
                self.reading[number] = self._begin()
                fresh.append(number)
        given, wanted, conditions, expected = [], [], [], []
        style = np.zeros((len(self.reading), self.styles), np.float32)
        for number, (piece, start, bare) in enumerate(self.reading):
            end = start + self.frames
            given.append(given_for(piece.classes, start, end))
            wanted.append(piece.classes[start:end])
            local = piece.conditions[start // BLOCK_FRAMES : end // BLOCK_FRAMES].copy()
            if bare:
                local[:, :PITCH_CLASSES] = 0.0
            conditions.append(local)
            if piece.foretold is not None:
                expected.append(piece.foretold[start:end])
            style[number, piece.style] = 1.0
            self.reading[number] = (piece, end, bare)
        return Step(
            np.stack(given, axis=1).astype(np.int64),
            np.stack(wanted, axis=1).astype(np.int64),
            style,
            np.stack(conditions, axis=1),
            fresh,
            np.stack(expected, axis=1).astype(np.int64) if expected else None,
        )

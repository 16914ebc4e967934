"""The pieces of a corpus as a WaveNet hears them: classes and conditions, in endless streams for training."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError
from models.textures.audio.linear_prediction import WINDOW, foretold
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE, encode, expand
from models.textures.conditioning.conditions import PITCH_CLASSES, measure
from models.textures.corpus.corpus import Piece, read_list
from models.textures.corpus.disturbances import disturbed
from models.textures.wavenet.sizes import WaveNetSizes


@dataclass(frozen=True)
class Heard:
    """One piece, ready to be learnt: classes uint8 [frames], conditions [blocks x 16], and index of its style."""

    classes: NDArray[np.uint8]
    conditions: NDArray[np.float32]
    style: int

    @property
    def blocks(self) -> int:
        return len(self.conditions)


@dataclass(frozen=True)
class Step:
    """What all streams hear in one step; `fresh` are those that began another piece."""

    given: NDArray[np.int64]
    """[frames x streams], disturbed in part (see `models.textures.corpus.disturbances`)."""
    wanted: NDArray[np.int64]
    """[frames x streams], the classes that follow the given ones, always clean."""
    style: NDArray[np.float32]
    """[streams x styles]"""
    conditions: NDArray[np.float32]
    """[frames / 256 x streams x 16], those of the wanted classes."""
    fresh: list[int]
    foretold: NDArray[np.int64] | None = None
    """[frames x streams], the levels that linear prediction expects from what was given; None without a predictor."""


@dataclass
class Reading:
    """One stream's way through a piece: `heard` is what it is given of it, `bare` whether without pitch classes."""

    piece: Heard
    heard: NDArray[np.uint8]
    start: int
    bare: bool


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
        return list(pool.map(lambda p: hear(folder, p, styles.index(p.style)), pieces))


def hear(folder: Path, piece: Piece, style: int) -> Heard:
    """One piece as a network hears it; raises `TextureError` naming the file when it cannot be read."""
    try:
        sound, _ = soundfile.read(folder / piece.file, dtype="float32")
    except (OSError, RuntimeError) as error:
        raise TextureError(f"{folder / piece.file}: cannot be read ({error}); build the corpus again") from error
    sound = sound[: len(sound) // BLOCK_FRAMES * BLOCK_FRAMES]
    return Heard(encode(sound), measure(sound), style)


def foretold_within(classes: NDArray[np.uint8], start: int, end: int, order: int) -> NDArray[np.uint16] | None:
    """Levels that linear prediction expects of classes start..end, which are whole blocks; None for order 0."""
    if not order:
        return None
    before = expand(classes[max(0, start - WINDOW) : start])
    return foretold(classes[start:end], order, np.pad(before, (WINDOW - len(before), 0)))


def given_for(classes: NDArray[np.uint8], start: int, end: int) -> NDArray[np.uint8]:
    """The classes one before each of start..end; silence before the first."""
    before = classes[start - 1 : start] if start else np.array([SILENCE], np.uint8)
    return np.concatenate([before, classes[start : end - 1]])


class Streams:
    """Several endless readings through pieces, each of a style by chance, cut into steps of equal length.

    A stream reads its piece on from where the last step ended. A share `unconditioned` of readings hears no pitch
    classes, so that the network can also do without. With `disturb`, most hear their past disturbed.
    """

    def __init__(
        self,
        pieces: list[Heard],
        count: int,
        frames: int,
        unconditioned: float,
        seed: int,
        predictor_order: int = 0,
        disturb: bool = False,
    ) -> None:
        pieces = [piece for piece in pieces if len(piece.classes) >= frames]
        if not pieces:
            raise TextureError(f"no piece is as long as a step of {frames} frames; train with shorter steps")
        self.by_style = [[p for p in pieces if p.style == s] for s in sorted({p.style for p in pieces})]
        self.frames, self.unconditioned = frames, unconditioned
        self.predictor_order, self.disturb = predictor_order, disturb
        self.styles = 1 + max(p.style for p in pieces)
        self.rng = np.random.default_rng(seed)
        self.readings = [self._begin() for _ in range(count)]

    def _begin(self) -> Reading:
        pieces = self.by_style[int(self.rng.integers(len(self.by_style)))]
        piece = pieces[int(self.rng.integers(len(pieces)))]
        start = int(self.rng.integers(1 + piece.blocks - self.frames // BLOCK_FRAMES)) * BLOCK_FRAMES
        heard = disturbed(piece.classes, self.rng) if self.disturb else piece.classes
        return Reading(piece, heard, start, bool(self.rng.random() < self.unconditioned))

    def step(self) -> Step:
        fresh = []
        for number, reading in enumerate(self.readings):
            if reading.start + self.frames > len(reading.heard):
                self.readings[number] = self._begin()
                fresh.append(number)
        given, wanted, conditions, expected = [], [], [], []
        style = np.zeros((len(self.readings), self.styles), np.float32)
        for number, reading in enumerate(self.readings):
            start, end = reading.start, reading.start + self.frames
            given.append(given_for(reading.heard, start, end))
            wanted.append(reading.piece.classes[start:end])
            local = reading.piece.conditions[start // BLOCK_FRAMES : end // BLOCK_FRAMES].copy()
            if reading.bare:
                local[:, :PITCH_CLASSES] = 0.0
            conditions.append(local)
            if (levels := foretold_within(reading.heard, start, end, self.predictor_order)) is not None:
                expected.append(levels)
            style[number, reading.piece.style] = 1.0
            reading.start = end
        return Step(
            np.stack(given, axis=1).astype(np.int64),
            np.stack(wanted, axis=1).astype(np.int64),
            style,
            np.stack(conditions, axis=1),
            fresh,
            np.stack(expected, axis=1).astype(np.int64) if expected else None,
        )

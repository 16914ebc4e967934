"""A corpus as a network that makes plans sound hears it: classes, levels, forecasts, in endless streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextureError
from models.textures.audio.linear_prediction import WINDOW, predict_levels
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE, compress, expand
from models.textures.waveform.plan_conditions import inputs, predictors
from models.textures.waveform.sketch import fading

Floats = NDArray[np.float32]
LONGEST_BLOCKS: Final = 500
"""A stream leaves a piece after 8 s, to hear many."""
CLEAN_SHARE: Final = 0.4
MOST_NOISE: Final = 0.25


class TrainingPiece(Protocol):
    """One piece: classes uint8 [frames], levels float16 [2 x blocks x BANDS], the index of its style, and a sketch of
    its values float16 [frames], or None (see `waveform.sketch`)."""

    @property
    def classes(self) -> NDArray[np.uint8]: ...

    @property
    def levels(self) -> NDArray[np.float16]: ...

    @property
    def style(self) -> int: ...

    @property
    def sketch(self) -> NDArray[np.float16] | None: ...


@dataclass(frozen=True)
class Step:
    """What all streams hear in one step; `fresh` are those that began another piece."""

    given: NDArray[np.int64]
    """[frames x streams], with some noise."""
    wanted: NDArray[np.int64]
    """[frames x streams], the classes that follow the given ones, always clean."""
    style: NDArray[np.float32]
    """[streams x styles]"""
    conditions: NDArray[np.float32]
    """[frames / 256 x streams x INPUTS], for the wanted classes."""
    fresh: list[int]
    predicted: NDArray[np.int64]
    """[frames x streams], the levels that the predictors expect from what was given."""


@dataclass
class Stretch:
    """What a stream reads of a piece: blocks from `first`, the next at `at`; `sketch` is of the whole piece."""

    piece: TrainingPiece
    first: int
    heard: NDArray[np.uint8]
    taps: Floats
    conditions: Floats
    sketch: Floats
    at: int = 0


class TrainingStreams:
    """Several endless readings, each of a style by chance, cut into steps of equal length (see `Step`).

    A share `unconditioned` of readings has neither conditions nor predictions: the network also learns to make sound
    out of noise.
    """

    def __init__(
        self,
        pieces: Sequence[TrainingPiece],
        count: int,
        frames: int,
        unconditioned: float,
        seed: int | Sequence[int],
        order: int,
        styles: int,
        sketch_memory: float = 0.0,
    ) -> None:
        if not pieces:
            raise TextureError("no pieces to learn from; render or import some with `textures corpus`")
        self.by_style = [[p for p in pieces if p.style == s] for s in sorted({p.style for p in pieces})]
        self.frames, self.unconditioned, self.order, self.styles = frames, unconditioned, order, styles
        self.sketch_memory = sketch_memory
        self.rng = np.random.default_rng(seed)
        self.readings = [self._begin() for _ in range(count)]

    def _begin(self) -> Stretch:
        pieces = self.by_style[int(self.rng.integers(len(self.by_style)))]
        piece = pieces[int(self.rng.integers(len(pieces)))]
        blocks = min(piece.levels.shape[1], len(piece.classes) // BLOCK_FRAMES)
        length = min(LONGEST_BLOCKS, blocks)
        first = int(self.rng.integers(1 + blocks - length))
        levels = piece.levels[0, first : first + length].astype(np.float32)
        taps, errors = predictors(levels, self.order)
        conditions, sketch = inputs(levels, errors), np.zeros(len(piece.classes), np.float32)
        if self.sketch_memory and piece.sketch is not None:
            taps, sketch = fading(taps, self.sketch_memory), piece.sketch.astype(np.float32)
        if self.rng.random() < self.unconditioned:
            taps, conditions, sketch = np.zeros_like(taps), np.zeros_like(conditions), np.zeros_like(sketch)
        return Stretch(piece, first, roughened(piece.classes, first, errors, self.rng), taps, conditions, sketch)

    def step(self) -> Step:
        blocks, fresh = self.frames // BLOCK_FRAMES, []
        for number, reading in enumerate(self.readings):
            if reading.at + blocks > len(reading.taps):
                self.readings[number] = self._begin()
                fresh.append(number)
        given, wanted, conditions, expected = [], [], [], []
        style = np.zeros((len(self.readings), self.styles), np.float32)
        for number, reading in enumerate(self.readings):
            start, end = ((reading.first + at) * BLOCK_FRAMES for at in (reading.at, reading.at + blocks))
            given.append(given_for(reading.heard, start, end))
            wanted.append(reading.piece.classes[start:end])
            conditions.append(reading.conditions[reading.at : reading.at + blocks])
            taps = reading.taps[reading.at : reading.at + blocks]
            expected.append(predicted_by(reading.heard, start, taps, reading.sketch))
            style[number, reading.piece.style] = 1.0
            reading.at += blocks
        return Step(
            np.stack(given, axis=1).astype(np.int64),
            np.stack(wanted, axis=1).astype(np.int64),
            style,
            np.stack(conditions, axis=1),
            fresh,
            np.stack(expected, axis=1).astype(np.int64),
        )


def given_for(classes: NDArray[np.uint8], start: int, end: int) -> NDArray[np.uint8]:
    """The classes one before each of start..end; silence before the first."""
    before = classes[start - 1 : start] if start else np.array([SILENCE], np.uint8)
    return np.concatenate([before, classes[start : end - 1]])


def roughened(classes: NDArray[np.uint8], first: int, errors: Floats, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Classes [frames] with a little noise on the blocks from `first` on, or in `CLEAN_SHARE` of cases as they are.

    A network that heard nothing but flawless sound is lost among its own draws. As in LPCNet, the noise is as loud as
    a part of what its predictors leave over, `errors` [blocks]: more than that would teach it to expect worse of its
    past than it finds there, to answer with wider draws, and so to grow louder without end.
    """
    if rng.random() < CLEAN_SHARE:
        return classes
    start, end = first * BLOCK_FRAMES, (first + len(errors)) * BLOCK_FRAMES
    loud = np.repeat(np.exp(errors), BLOCK_FRAMES) * rng.uniform(0.0, MOST_NOISE)
    rough = classes.copy()
    rough[start:end] = compress(expand(classes[start:end]) + loud * rng.standard_normal(end - start))
    return rough


def predicted_by(classes: NDArray[np.uint8], start: int, taps: Floats, sketch: Floats) -> NDArray[np.uint16]:
    """Levels that predictors [blocks x order] expect of the classes from `start` on, one predictor a block.

    sketch: of all classes [frames]; the predictors expect how far they are from it.
    """
    end, first = start + len(taps) * BLOCK_FRAMES, max(0, start - WINDOW)
    before = expand(classes[first:end]) - sketch[first:end]
    away = np.pad(before, (WINDOW + end - start - len(before), 0))
    levels = np.zeros(end - start, np.uint16)
    for block, own in enumerate(taps):
        at = block * BLOCK_FRAMES
        told = sketch[start + at : start + at + BLOCK_FRAMES]
        predict_levels(away, WINDOW + at, own, told, levels[at : at + BLOCK_FRAMES])
    return levels

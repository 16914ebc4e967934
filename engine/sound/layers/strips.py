"""Channel strips: compressor, level, pan, low cut and high cut of all stems at once, ramped over each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.dynamics import gain_of_db, pan_matrices
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.strip_loops import (
    COMPRESSOR_MEMORY,
    ECHO,
    FILTER_ROWS,
    GAIN,
    KEEP,
    PEAK,
    ROWS,
    SEGMENTS,
    SPEECH,
    compressor_gains,
    strips,
)

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StripTargets:
    """Where all strips are to be at the end of the coming step; each [stems]."""

    level_db: Numbers
    pan: Numbers
    compressor: Numbers
    highpass_hz: Numbers
    lowpass_hz: Numbers
    keep: Numbers
    speech: Numbers
    echo: Numbers


class Strips:
    """Remembers where each stem's gains, filters and compressor stand."""

    def __init__(self) -> None:
        self._compressor = np.zeros((len(STEMS), COMPRESSOR_MEMORY))
        self._compressor[:, PEAK] = -180.0
        self._compressor[:, GAIN] = 1.0
        self._gains = np.ones((len(STEMS), SEGMENTS + 1), dtype=np.float32)
        self._states = np.zeros((4, CHANNELS), dtype=np.float32)
        self._matrix: Floats | None = None
        self._knobs: Floats | None = None

    def process(self, dry: Floats, targets: StripTargets, speaks: bool, floor: Floats) -> tuple[Floats, Floats]:
        """One step of `dry` [CHANNELS, STEP_FRAMES]: body [STEP_FRAMES, CHANNELS], sends [stems + 1, STEP_FRAMES].

        The sends are each stem's share for the echo, and what all together say to the vocoder.
        """
        gains = np.array([gain_of_db(db) for db in targets.level_db])
        matrix = (pan_matrices(targets.pan) * gains).reshape(4, len(STEMS)).astype(np.float32)
        knobs = _knobs(targets)
        matrix_before = matrix if self._matrix is None else self._matrix
        knobs_before = knobs if self._knobs is None else self._knobs
        self._matrix, self._knobs = matrix, knobs
        rates = (knobs - knobs_before) / np.float32(STEP_FRAMES)
        compressor_gains(dry, targets.compressor, self._compressor, self._gains)
        body = np.empty((STEP_FRAMES, CHANNELS), dtype=np.float32)
        sends = np.zeros((len(STEMS) + 1, STEP_FRAMES), dtype=np.float32)
        strips(
            dry,
            self._gains,
            matrix_before.copy(),
            (matrix - matrix_before) / np.float32(STEP_FRAMES),
            self._states,
            knobs_before.copy(),
            rates,
            bool(rates.any()),
            speaks,
            floor,
            body,
            sends,
        )
        return body, sends


def _knobs(targets: StripTargets) -> Floats:
    """[ROWS, CHANNELS]: what each channel's loop needs; both sides of a stem have the same."""
    rows = np.empty((ROWS, len(STEMS)))
    rows[: FILTER_ROWS // 2] = filter_coefficients(targets.highpass_hz)
    rows[FILTER_ROWS // 2 : FILTER_ROWS] = filter_coefficients(targets.lowpass_hz)
    rows[KEEP], rows[SPEECH], rows[ECHO] = targets.keep, targets.speech, targets.echo
    return np.repeat(rows, 2, axis=1).astype(np.float32)


def filter_coefficients(cut_hz: Numbers) -> Numbers:
    """a1, a2, a3 of the state-variable filters, [3, stems]; see `strip_loops`."""
    g = np.tan(np.pi * cut_hz / SAMPLE_RATE_HZ)
    a1 = 1 / (1 + g * (g + np.sqrt(2)))
    return np.stack([a1, g * a1, g * g * a1])

"""The compiled loops of the channel strips: all channels side by side, so that the processor takes them at once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, STEMS
from engine.sound.layers.manual_server import STEP_FRAMES

Floats = NDArray[np.float32]

SEGMENT_FRAMES: Final = 64
"""The compressor looks at peaks of this length and glides between its gains."""
SEGMENTS: Final = STEP_FRAMES // SEGMENT_FRAMES

FILTER_ROWS: Final = 6
"""Coefficients a1, a2, a3 of the low cut, then of the high cut."""
KEEP, SPEECH, ECHO = FILTER_ROWS, FILTER_ROWS + 1, FILTER_ROWS + 2
ROWS: Final = FILTER_ROWS + 3
"""What one channel has that glides; see `strips`."""

ATTACK_SEGMENTS: Final = 6
PEAK, AMOUNT, GAIN, WANTED = 0, 1, 2, 3
COMPRESSOR_MEMORY: Final = WANTED + ATTACK_SEGMENTS

_STEMS: Final = len(STEMS)
_RELEASE_DB_PER_S: Final = 30.0
_RELEASE_DB: Final = _RELEASE_DB_PER_S * SEGMENT_FRAMES / SAMPLE_RATE_HZ
_LOWEST_THRESHOLD_DB: Final = -36.0
_HIGHEST_THRESHOLD_DB: Final = -12.0
_STRONGEST_SLOPE: Final = 0.75
"""1 - 1/ratio: 0.75 is 4:1."""
_MAKEUP: Final = 0.4
"""Share of what the threshold costs a loud sound that is given back to all."""

_DAMPING: Final = np.float32(np.sqrt(2))
"""1/Q of a Butterworth filter of second order."""
_STATES: Final = 4


@njit(cache=True, error_model="numpy")
def compressor_gains(dry: Floats, amounts: NDArray[np.float64], memory: NDArray[np.float64], gains: Floats) -> None:
    """Fill `gains` [stems, SEGMENTS + 1]: where each segment of `dry` [CHANNELS, STEP_FRAMES] begins, and the end.

    A feed-forward peak compressor (Giannoulis et al., JAES 60/6, 2012), both sides of a stem linked: peaks fall off
    linearly in decibels, and the gain is smoothed over `ATTACK_SEGMENTS`. `memory` [stems, COMPRESSOR_MEMORY]
    is carried from step to step, `amounts` [stems] from 0 to 1 are glided to.
    """
    for stem in range(_STEMS):
        own = memory[stem]
        before, after = own[AMOUNT], amounts[stem]
        own[AMOUNT] = after
        gains[stem, 0] = own[GAIN]
        if before == 0.0 and after == 0.0 and own[GAIN] == 1.0:
            gains[stem, :] = 1.0
            continue
        for segment in range(SEGMENTS):
            peak = np.float32(1e-9)
            for side in range(2):
                for place in range(segment * SEGMENT_FRAMES, (segment + 1) * SEGMENT_FRAMES):
                    peak = max(peak, abs(dry[2 * stem + side, place]))
            peak_db = max(20 * np.log10(peak), own[PEAK] - _RELEASE_DB)
            own[PEAK] = peak_db
            amount = before + (after - before) * segment / (SEGMENTS - 1)
            threshold_db = _HIGHEST_THRESHOLD_DB + amount * (_LOWEST_THRESHOLD_DB - _HIGHEST_THRESHOLD_DB)
            slope = amount * _STRONGEST_SLOPE
            wanted_db = -slope * (_MAKEUP * threshold_db + max(0.0, peak_db - threshold_db))
            own[WANTED + segment % ATTACK_SEGMENTS] = wanted_db
            gain = 10 ** (own[WANTED:].mean() / 20)
            own[GAIN] = gain
            gains[stem, segment + 1] = gain


@njit(cache=True, fastmath={"contract", "nsz"}, error_model="numpy")
def _take_in(
    dry: Floats, gains: Floats, matrix: Floats, matrix_rate: Floats, floor: Floats, start: int, piece: Floats
) -> None:
    """Fill `piece` [SEGMENT_FRAMES, CHANNELS] with compressed and panned frames from `start` on; moves `matrix` on."""
    segment, end = start // SEGMENT_FRAMES, start + SEGMENT_FRAMES
    sides = np.empty((2, SEGMENT_FRAMES), dtype=np.float32)
    quiet = floor[start:end]
    for stem in range(_STEMS):
        left, right = dry[2 * stem, start:end], dry[2 * stem + 1, start:end]
        gain = gains[stem, segment]
        gain_rate = (gains[stem, segment + 1] - gain) / np.float32(SEGMENT_FRAMES)
        for side in range(2):
            from_left, from_right = matrix[2 * side, stem], matrix[2 * side + 1, stem]
            left_rate, right_rate = matrix_rate[2 * side, stem], matrix_rate[2 * side + 1, stem]
            for place in range(SEGMENT_FRAMES):
                passed = np.float32(place + 1)
                panned = (from_left + left_rate * passed) * left[place]
                panned += (from_right + right_rate * passed) * right[place]
                sides[side, place] = (gain + gain_rate * passed) * panned + quiet[place]
        for place in range(SEGMENT_FRAMES):
            piece[place, 2 * stem], piece[place, 2 * stem + 1] = sides[0, place], sides[1, place]
        for entry in range(4):
            matrix[entry, stem] += matrix_rate[entry, stem] * np.float32(SEGMENT_FRAMES)


@njit(cache=True, fastmath={"contract", "nsz"}, error_model="numpy")
def _filter(
    piece: Floats, states: Floats, knobs: Floats, rates: Floats, moving: bool, speaks: bool, said: Floats
) -> None:
    """Low cut and high cut over `piece` [frames, CHANNELS] in place; fills `said` [frames] where somebody speaks.

    Two state-variable filters with trapezoidal integrators, which stay calm while they are moved (Simper,
    "Linear trapezoidal integrated state variable filter", 2013). `states` [4, CHANNELS]; `knobs` and
    `rates` [ROWS, CHANNELS] are the values at the first frame and their change from frame to frame.
    """
    own = np.empty((_STATES + 2 * ROWS + 1, CHANNELS), dtype=np.float32)  # one block: the compiler sees no aliases
    low, knob, rate, high_passed = 0, _STATES, _STATES + ROWS, _STATES + 2 * ROWS
    for channel in range(CHANNELS):
        for row in range(_STATES):
            own[low + row, channel] = states[row, channel]
        for row in range(ROWS):
            own[knob + row, channel] = knobs[row, channel]
            own[rate + row, channel] = rates[row, channel]
    two = np.float32(2)
    for place in range(piece.shape[0]):
        if moving:
            for row in range(ROWS):
                for channel in range(CHANNELS):
                    own[knob + row, channel] += own[rate + row, channel]
        for channel in range(CHANNELS):
            coming = piece[place, channel]
            rest = coming - own[1, channel]
            band = own[knob, channel] * own[0, channel] + own[knob + 1, channel] * rest
            base = own[1, channel] + own[knob + 1, channel] * own[0, channel] + own[knob + 2, channel] * rest
            own[0, channel] = two * band - own[0, channel]
            own[1, channel] = two * base - own[1, channel]
            cut = coming - _DAMPING * band - base
            rest = cut - own[3, channel]
            band = own[knob + 3, channel] * own[2, channel] + own[knob + 4, channel] * rest
            base = own[3, channel] + own[knob + 4, channel] * own[2, channel] + own[knob + 5, channel] * rest
            own[2, channel] = two * band - own[2, channel]
            own[3, channel] = two * base - own[3, channel]
            own[high_passed, channel] = own[knob + SPEECH, channel] * cut
            piece[place, channel] = own[knob + KEEP, channel] * base
        if speaks:
            total = np.float32(0)
            for channel in range(CHANNELS):
                total += own[high_passed, channel]
            said[place] = total
    for channel in range(CHANNELS):
        for row in range(_STATES):
            states[row, channel] = own[low + row, channel]
        for row in range(ROWS):
            knobs[row, channel] = own[knob + row, channel]


@njit(cache=True, error_model="numpy")
def strips(
    dry: Floats,
    gains: Floats,
    matrix: Floats,
    matrix_rate: Floats,
    states: Floats,
    knobs: Floats,
    rates: Floats,
    moving: bool,
    speaks: bool,
    floor: Floats,
    body: Floats,
    sends: Floats,
) -> None:
    """A step of all stems through compressor gains, level and pan, low cut and high cut.

    `dry` [CHANNELS, STEP_FRAMES] goes to `body` [STEP_FRAMES, CHANNELS] and to `sends` [stems + 1, STEP_FRAMES]: each
    stem's share for the echo, and what all say to the vocoder. `matrix` [4, stems], `states` and `knobs` are
    carried on, `floor` [STEP_FRAMES] is the noise that keeps all of it out of denormal numbers.
    """
    for start in range(0, STEP_FRAMES, SEGMENT_FRAMES):
        piece = body[start : start + SEGMENT_FRAMES]
        _take_in(dry, gains, matrix, matrix_rate, floor, start, piece)
        before = knobs[ECHO].copy()
        _filter(piece, states, knobs, rates, moving, speaks, sends[_STEMS, start : start + SEGMENT_FRAMES])
        for stem in range(_STEMS):
            share, rate = before[2 * stem], rates[ECHO, 2 * stem]
            for place in range(SEGMENT_FRAMES):
                both = piece[place, 2 * stem] + piece[place, 2 * stem + 1]
                sends[stem, start + place] = (share + rate * np.float32(place + 1)) * both + floor[start + place]

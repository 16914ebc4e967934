"""The compiled loops behind `reverb.py`: every stem's own room, all stems side by side in one vector.

A frame of the network is written as a numba intrinsic that keeps it in registers. As plain loops it takes four times
as long, for the compiler cannot know that arrays do not overlap. LLVM splits vectors where a processor's are narrower.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numpy.typing import NDArray

from engine.parameters.stems import STEMS
from engine.sound.layers.manual_server import STEP_FRAMES

Floats = NDArray[np.float32]

SPOKEN, DIRECT, SEND = 0, 1, 2
SHARES: Final = 3

_STEMS: Final = len(STEMS)
LANES: Final = 16
"""Stems, and a few lanes that stay empty."""
LINES: Final = 16
STAGES: Final = 4
LOOPS: Final = 2 * STAGES + LINES
DIFFUSION: Final = 0.6

_SINGLE: Final = ir.FloatType()
_VECTOR: Final = ir.VectorType(_SINGLE, LANES)
_BYTES: Final = 4
_FUSED: Final = ("contract", "nsz")
_LEFT_SIGNS: Final = (1, -1, 1, 1, -1, 1, -1, -1)
_RIGHT_SIGNS: Final = (1, 1, -1, 1, 1, -1, -1, -1)


@intrinsic
def ring(typingctx, loops, places, damping, states, sound, frame):  # type: ignore[no-untyped-def]
    """One frame: replaces row `frame` of `sound` [frames, 2, LANES], both sides of what goes in, by what rings.

    `loops` [rows, LANES] holds the loops of all allpasses and lines, and `places` [LOOPS] the row at which each stands:
    left and right allpass of every stage, then the lines. What is read from a row is replaced. Forward and feedback
    coefficients of the lines' damping are `damping` [2, LINES], their memory is `states` [LINES, LANES].
    """
    if any(array.dtype != types.float32 or array.layout != "C" for array in (loops, damping, states, sound)):
        raise TypingError("ring takes contiguous float32 arrays")

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        data = [
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[:5], arguments, strict=False)
        ]
        _Frame(builder, *data).build(arguments[5])
        return context.get_dummy_value()

    return types.void(loops, places, damping, states, sound, types.int64), generate


class _Frame:
    """Lays out the instructions of one frame."""

    def __init__(self, builder: ir.IRBuilder, loops: Any, places: Any, damping: Any, states: Any, sound: Any) -> None:
        self._builder = builder
        self._loops, self._places, self._damping, self._states, self._sound = loops, places, damping, states, sound

    def build(self, frame: Any) -> None:
        builder = self._builder
        whole = ir.IntType(64)
        row = builder.mul(frame, whole(2))
        sides = [self._vector_at(self._sound, row), self._vector_at(self._sound, builder.add(row, whole(1)))]
        sends = [builder.load(side, align=_BYTES) for side in sides]
        for stage in range(STAGES):
            sends = [self._allpass(2 * stage + side, send) for side, send in enumerate(sends)]
        lines = [self._damped(line) for line in range(LINES)]
        mixed = self._hadamard(lines)
        share = self._splat(ir.Constant(_SINGLE, LINES**-0.5))
        for line, value in enumerate(mixed):
            fed = builder.fadd(builder.fmul(share, value, flags=_FUSED), sends[line % 2], flags=_FUSED)
            builder.store(fed, self._loop_row(2 * STAGES + line), align=_BYTES)
        for side, signs in enumerate((_LEFT_SIGNS, _RIGHT_SIGNS)):
            builder.store(self._signed_sum(lines[side::2], signs), sides[side], align=_BYTES)

    def _allpass(self, loop: int, send: Any) -> Any:
        builder, gain = self._builder, self._splat(ir.Constant(_SINGLE, DIFFUSION))
        place = self._loop_row(loop)
        old = builder.load(place, align=_BYTES)
        new = builder.fsub(send, builder.fmul(gain, old, flags=_FUSED), flags=_FUSED)
        builder.store(new, place, align=_BYTES)
        return builder.fadd(old, builder.fmul(gain, new, flags=_FUSED), flags=_FUSED)

    def _damped(self, line: int) -> Any:
        builder = self._builder
        forward, back = (
            self._splat(builder.load(self._element_at(self._damping, row * LINES + line))) for row in range(2)
        )
        state = self._vector_at(self._states, ir.IntType(64)(line))
        coming = builder.load(self._loop_row(2 * STAGES + line), align=_BYTES)
        kept = builder.fmul(back, builder.load(state, align=_BYTES), flags=_FUSED)
        damped = builder.fadd(builder.fmul(forward, coming, flags=_FUSED), kept, flags=_FUSED)
        builder.store(damped, state, align=_BYTES)
        return damped

    def _hadamard(self, lines: Sequence[Any]) -> list[Any]:
        values, half = list(lines), 1
        while half < len(values):
            for low in range(len(values)):
                if not low & half:
                    one, other = values[low], values[low | half]
                    values[low] = self._builder.fadd(one, other, flags=_FUSED)
                    values[low | half] = self._builder.fsub(one, other, flags=_FUSED)
            half *= 2
        return values

    def _signed_sum(self, values: Sequence[Any], signs: Sequence[int]) -> Any:
        total = values[0]
        for value, sign in zip(values[1:], signs[1:], strict=True):
            combine = self._builder.fadd if sign > 0 else self._builder.fsub
            total = combine(total, value, flags=_FUSED)
        return total

    def _loop_row(self, loop: int) -> Any:
        return self._vector_at(self._loops, self._builder.load(self._element_at(self._places, loop)))

    def _vector_at(self, data: Any, row: Any) -> Any:
        first = self._builder.gep(data, [self._builder.mul(row, ir.IntType(64)(LANES))])
        return self._builder.bitcast(first, _VECTOR.as_pointer())

    def _element_at(self, data: Any, index: int) -> Any:
        return self._builder.gep(data, [ir.IntType(64)(index)])

    def _splat(self, value: Any) -> Any:
        first = self._builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, ir.IntType(32)(0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return self._builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), everywhere)


@njit(cache=True, fastmath={"contract", "nsz"}, error_model="numpy")
def mix(body: Floats, heard: Floats, shares: Floats, rates: Floats, floor: Floats, out: Floats, sound: Floats) -> None:
    """What is heard directly to `out` [STEP_FRAMES, CHANNELS], what goes into the rooms to `sound`.

    `body` [STEP_FRAMES, CHANNELS] comes from the strips, `heard` [STEP_FRAMES, stems + 1] from pyo: each stem's echo,
    then the vocoder's voice. `shares` and `rates` [SHARES, stems] are gains before the step and their change per frame.
    `sound` is [STEP_FRAMES, 2, LANES].
    """
    own = shares.copy()
    for place in range(STEP_FRAMES):
        voice = heard[place, _STEMS]
        for row in range(SHARES):
            for stem in range(_STEMS):
                own[row, stem] += rates[row, stem]
        for stem in range(_STEMS):
            echo = heard[place, stem]
            spoken = own[SPOKEN, stem] * voice
            left, right = body[place, 2 * stem] + spoken, body[place, 2 * stem + 1] + spoken
            out[place, 2 * stem] = own[DIRECT, stem] * left + echo
            out[place, 2 * stem + 1] = own[DIRECT, stem] * right + echo
            sound[place, 0, stem] = own[SEND, stem] * (left + echo) + floor[place]
            sound[place, 1, stem] = own[SEND, stem] * (right + echo) + floor[place]


@njit(cache=True, error_model="numpy")
def reverberate(
    sound: Floats,
    loops: Floats,
    lengths: NDArray[np.int64],
    places: NDArray[np.int64],
    gains: Floats,
    rates: Floats,
    states: Floats,
    out: Floats,
) -> None:
    """Add to `out` [STEP_FRAMES, CHANNELS] what rings of `sound` [STEP_FRAMES, 2, LANES], which is spent.

    `loops` [sum of `lengths`, LANES] holds one delay loop after the other and `places` [LOOPS] the row at which each
    stands; `gains` and `rates` [2, LINES] are the damping before the step and its change per frame, `states`
    [LINES, LANES] its memory. See `ring`.
    """
    ends = np.cumsum(lengths)
    damping = gains.copy()
    for place in range(STEP_FRAMES):
        for line in range(LINES):
            damping[0, line] += rates[0, line]
            damping[1, line] += rates[1, line]
        ring(loops, places, damping, states, sound, place)  # type: ignore[call-arg]
        for loop in range(LOOPS):
            places[loop] += 1
            if places[loop] == ends[loop]:
                places[loop] -= lengths[loop]
        for stem in range(_STEMS):
            out[place, 2 * stem] += sound[place, 0, stem]
            out[place, 2 * stem + 1] += sound[place, 1, stem]

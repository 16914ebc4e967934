"""Matrix products of bfloat16 numbers that stay in the nearest caches, as a numba intrinsic: for training.

A library's product reads its operands from memory and writes its result there, which takes as long as a small product
itself. `pair_sums` is the inside of loops that go on with what is still at hand. It needs the instruction that
multiplies bfloat16 in pairs and adds both to a float32 (VDPBF16PS of AVX512-BF16); `has_pair_sums` tells whether the
processor for which loops are compiled here has it.

Two bfloat16 that are multiplied by two others lie in one uint32, the first in its lower half.

numba's disk cache does not see changes in this file: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.registry import cpu_target
from numba.extending import intrinsic
from numpy.typing import NDArray

from models.common.compiled import inner, njit
from models.common.vector_code import (
    WIDE_LANES,
    accumulate,
    data,
    number,
    single,
    spread,
    times,
    total,
    vector_at,
)

PAIRS: Final = "+avx512bf16"
MATRICES: Final = "+amx-bf16"
Pairs = NDArray[np.uint32]
Halves = NDArray[np.uint16]
Floats = NDArray[np.float32]
HALF: Final = np.uint32(16)
JUST_UNDER_HALF: Final = np.uint32(0x7FFF)

# "numpy" lets a division by zero be infinite instead of an exception, which would forbid vectors.
compiled = njit(cache=True, nogil=True, error_model="numpy")


class _BFloat16(ir.Type):
    """LLVM's bfloat, which llvmlite does not name."""

    def _to_string(self) -> str:
        return "bfloat"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _BFloat16)

    def __hash__(self) -> int:
        return hash(_BFloat16)


BOTH_OF_EACH: Final = ir.VectorType(_BFloat16(), 2 * WIDE_LANES)


@cache
def has_pair_sums() -> bool:
    """Whether loops are compiled for a processor that can, and has no matrix unit, with which a library is faster."""
    features = cpu_target.target_context.codegen().magic_tuple()[2].split(",")
    return PAIRS in features and MATRICES not in features


def pair_sums(rows: int, vectors: int) -> Callable[..., None]:
    """Intrinsic for out[s, c] += sum over p of x[s, p] * w[p, c], pairs by pairs; s < `rows`, c < 16 * `vectors`.

    Arguments: out, its first index, its step per row; x, its first index, its step per row and per pair; w, its first
    index, its step per pair; the number of pairs, at least 1. All are flat: out float32, x and w uint32.
    """

    @intrinsic
    def sums(typingctx, out, out_at, out_step, x, x_at, x_step, x_pair, w, w_at, w_step, pairs):  # type: ignore[no-untyped-def]
        index = types.int64
        return types.void(out, index, index, x, index, index, index, w, index, index, index), _body(rows, vectors)

    return sums


def _body(rows: int, vectors: int) -> Callable[..., Any]:
    """The loop over pairs, with one running sum per row and register of columns."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        out, x, w = data(context, builder, signature.args, arguments, 0, 3, 7)
        out_at, out_step, x_at, x_step, x_pair, w_at, w_step, pairs = (arguments[n] for n in (1, 2, 4, 5, 6, 8, 9, 10))
        columns = range(0, WIDE_LANES * vectors, WIDE_LANES)

        def operands(pair: Any) -> tuple[list[Any], dict[int, Any]]:
            w_row, x_row = (builder.add(at, builder.mul(pair, step)) for at, step in ((w_at, w_step), (x_at, x_pair)))
            weights = {c: builder.load(vector_at(builder, w, [w_row, number(c)], WIDE_LANES), align=4) for c in columns}
            places = [total(builder, [x_row, times(builder, x_step, r)]) for r in range(rows)]
            return [spread(builder, builder.gep(x, [place]), WIDE_LANES) for place in places], weights

        multiplied = partial(_multiplied, builder)
        accumulate(builder, (out, out_at, out_step), rows, columns, pairs, operands, multiplied)
        return context.get_dummy_value()

    return generate


def _multiplied(builder: ir.IRBuilder, running: Any, x: Any, weights: Any) -> Any:
    floats = single(WIDE_LANES)
    kind = ir.FunctionType(floats, [floats, BOTH_OF_EACH, BOTH_OF_EACH])
    multiply = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx512bf16.dpbf16ps.512")
    return builder.call(multiply, [running, *(builder.bitcast(words, BOTH_OF_EACH) for words in (x, weights))])


ROWS: Final = 8
"""Rows of a product come in as many."""
four_by_four = pair_sums(4, 4)
six_by_three = pair_sums(6, 3)
four_by_three = pair_sums(4, 3)
eight_by_two = pair_sums(8, 2)
eight_by_one = pair_sums(8, 1)
# Eight by three would fill the registers: what is read needs some as well.


@inner
def add_product(out, columns, x, x_at, x_step, x_pair, w, w_at, pairs, rows):  # type: ignore[no-untyped-def]
    """out [rows x columns] += x [rows x pairs] @ w [pairs x columns], flat; rows in eights, columns in sixteens."""
    column = 0
    while columns - column >= 64:
        for row in range(0, rows, 4):
            at, own = row * columns + column, x_at + row * x_step
            four_by_four(out, at, columns, x, own, x_step, x_pair, w, w_at + column, columns, pairs)
        column += 64
    if columns - column >= 48:
        row = 0
        while row < rows:
            at, own, left = row * columns + column, x_at + row * x_step, rows - row
            if left >= 6 and left != 8:  # what is left is even, and two rows alone would be slow
                six_by_three(out, at, columns, x, own, x_step, x_pair, w, w_at + column, columns, pairs)
                row += 6
            else:
                four_by_three(out, at, columns, x, own, x_step, x_pair, w, w_at + column, columns, pairs)
                row += 4
        column += 48
    left_columns = columns - column
    for row in range(0, rows if left_columns else 0, 8):
        at, own = row * columns + column, x_at + row * x_step
        if left_columns == 32:
            eight_by_two(out, at, columns, x, own, x_step, x_pair, w, w_at + column, columns, pairs)
        else:
            eight_by_one(out, at, columns, x, own, x_step, x_pair, w, w_at + column, columns, pairs)


@inner
def rounded(value):  # type: ignore[no-untyped-def]
    """The nearest bfloat16 to a float32, of two as near the even one, as uint16."""
    bits = np.float32(value).view(np.uint32)
    even = np.uint32(np.uint32(bits >> HALF) & np.uint32(1))
    return np.uint16(np.uint32(bits + np.uint32(JUST_UNDER_HALF + even)) >> HALF)


@inner
def widened(half):  # type: ignore[no-untyped-def]
    """A bfloat16 as float32."""
    return np.uint32(np.uint32(half) << HALF).view(np.float32)


@inner
def round_all(values, out):  # type: ignore[no-untyped-def]
    """out[:n] = values [n] as bfloat16."""
    for i in range(len(values)):
        out[i] = rounded(values[i])


@inner
def widen_all(halves, out):  # type: ignore[no-untyped-def]
    """out[:n] = halves [n], bfloat16."""
    for i in range(len(halves)):
        out[i] = widened(halves[i])


@inner
def pair_rows(halves, width, rows, out):  # type: ignore[no-untyped-def]
    """Rows of bfloat16 [rows x width] two by two in one uint32 [rows / 2 x width].

    From the beginning of `halves` on: for indices that might count from the end there are no vectors.
    """
    for pair in range(rows // 2):
        first = 2 * pair * width
        for i in range(width):
            upper = np.uint32(np.uint32(halves[first + width + i]) << HALF)
            out[pair * width + i] = np.uint32(np.uint32(halves[first + i]) | upper)

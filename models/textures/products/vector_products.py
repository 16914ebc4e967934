"""Small matrix products that stay in registers, as numba intrinsics: the inside of the drawing loops.

A product of a few rows with a weight matrix is too small for a BLAS call and, left to the compiler, keeps its sums in
memory. `multiply_add(S, V)` lays out S x V vectors of eight float32 sums in registers, reads each weight once for S
streams, and runs down the weight matrix. Where registers are twice as wide, each holds two of these vectors.
Products are rounded before they are added: a fused multiply-add would draw another sound on processors that have none.

numba's disk cache does not see changes in this file: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from models.common.vector_code import (
    HALF,
    LANES,
    WIDE_LANES,
    accumulate,
    bring_nearer,
    data,
    half_widened,
    lanes_for,
    number,
    spread,
    times,
    total,
    widened,
)


def multiply_add(streams: int, vectors: int | None = None) -> Callable[..., None]:
    """Intrinsic for out[s, c] += sum over r of x[s, r] * w[r, c], s < `streams`, c < 8 * `vectors`.

    Without `vectors`, c < `widest_columns()`.
    Arguments: out, its first index, its step per stream; x, its first index, its step per stream; w, its first index,
    its step per row; the number of rows, at least 1. All are flat float32, but for w, which may be the bits of half
    precision, uint16; indices are int64.
    """

    @intrinsic
    def product(typingctx, out, out_at, out_step, x, x_at, x_step, w, w_at, w_step, rows):  # type: ignore[no-untyped-def]
        if (out.dtype, x.dtype) != (types.float32, types.float32) or w.dtype not in (types.float32, types.uint16):
            raise TypingError("multiply_add takes float32 arrays, and weights of half precision as uint16")
        index = types.int64
        signature = types.void(out, index, index, x, index, index, w, index, index, index)
        return signature, _body(streams, vectors)

    return product


@intrinsic
def widest_columns(typingctx):  # type: ignore[no-untyped-def]
    """Columns for whose sums, and those of six streams, there are registers: known when a loop is compiled."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return context.get_constant(types.int64, LANES * _widest(context))

    return types.int64(), generate


def _widest(context: Any) -> int:
    """Vectors of eight: processors with wide registers have twice as many of them."""
    return 8 if lanes_for(context) == WIDE_LANES else 2


def _body(streams: int, vectors: int | None) -> Callable[..., Any]:
    """The loop over rows as LLVM instructions, with one running sum per stream and register of columns."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        width = LANES * (vectors or _widest(context))
        lanes = min(lanes_for(context), width)
        out, x, w = data(context, builder, signature.args, arguments, 0, 3, 6)
        out_at, out_step, x_at, x_step, w_at, w_step, rows = (arguments[n] for n in (1, 2, 4, 5, 7, 8, 9))
        columns = range(0, width, lanes)
        read = half_widened(context) if w.type.pointee == HALF else widened

        def operands(row: Any) -> tuple[list[Any], dict[int, Any]]:
            w_row = builder.add(w_at, builder.mul(row, w_step))
            if streams == 1:  # which reads each weight once, and waits for nothing else
                bring_nearer(builder, w, w_row, None, columns)
            weights = {column: read(builder, w, [w_row, number(column)], lanes) for column in columns}
            places = [total(builder, [x_at, times(builder, x_step, s), row]) for s in range(streams)]
            return [spread(builder, builder.gep(x, [place]), lanes) for place in places], weights

        def multiplied(running: Any, x: Any, weights: Any) -> Any:
            return builder.fadd(running, builder.fmul(x, weights))

        accumulate(builder, (out, out_at, out_step), streams, columns, rows, operands, multiplied)
        return context.get_dummy_value()

    return generate

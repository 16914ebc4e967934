"""Small matrix products that stay in registers, as numba intrinsics: the inside of the drawing loops.

A product of a few rows with a weight matrix is too small for a BLAS call and, left to the compiler, keeps its sums in
memory. `multiply_add(S, V)` lays out S x V vectors of eight float32 sums in registers, reads each weight once for S
streams, and runs down the weight matrix. Eight wide is AVX2; LLVM splits or joins them on other processors. Products
are rounded before they are added: a fused multiply-add would draw another sound on processors that have none.

numba's disk cache does not see changes in this file: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

LANES: Final = 8
SINGLE: Final = ir.VectorType(ir.FloatType(), LANES)
LANE_NUMBERS: Final = ir.VectorType(ir.IntType(32), LANES)


def multiply_add(streams: int, vectors: int) -> Callable[..., None]:
    """Intrinsic for out[s, c] += sum over r of x[s, r] * w[r, c], s < `streams`, c < 8 * `vectors`.

    Arguments: out, its first index, its step per stream; x, its first index, its step per stream; w, its first index,
    its step per row; the number of rows, at least 1. All are flat float32; indices are int64.
    """

    @intrinsic
    def product(typingctx, out, out_at, out_step, x, x_at, x_step, w, w_at, w_step, rows):  # type: ignore[no-untyped-def]
        if any(array.dtype != types.float32 for array in (out, x, w)):
            raise TypingError("multiply_add takes float32 arrays")
        index = types.int64
        signature = types.void(out, index, index, x, index, index, w, index, index, index)
        return signature, body(streams, vectors)

    return product


@intrinsic
def fetch_ahead(typingctx, array, index):  # type: ignore[no-untyped-def]
    """Asks for the cache line of array[index] before it is needed; an index past the end does nothing."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, flag, flag, flag])
        ask = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(ask, [place, flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


def body(streams: int, vectors: int) -> Callable[..., Any]:
    """The loop over rows as LLVM instructions, with one running sum (a phi of eight lanes) per stream and vector."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        kinds = signature.args
        out, x, w = (context.make_array(kinds[n])(context, builder, arguments[n]).data for n in (0, 3, 6))
        out_at, out_step, x_at, x_step, w_at, w_step, rows = (arguments[n] for n in (1, 2, 4, 5, 7, 8, 9))
        grid = [(stream, vector) for stream in range(streams) for vector in range(vectors)]
        outs = [vector_at(builder, out, [out_at, times(builder, out_step, s), number(LANES * v)]) for s, v in grid]
        starts = [builder.load(place, align=4) for place in outs]
        before = builder.block
        loop, done = builder.append_basic_block("rows"), builder.append_basic_block("done")
        builder.branch(loop)

        builder.position_at_end(loop)
        row = builder.phi(ir.IntType(64))
        sums = [builder.phi(SINGLE) for _ in grid]
        row.add_incoming(number(0), before)
        w_row = builder.add(w_at, builder.mul(row, w_step))
        columns = [read_weights(builder, w, w_row, v) for v in range(vectors)]
        xs = [
            spread(builder, builder.gep(x, [total(builder, [x_at, times(builder, x_step, s), row])]))
            for s in range(streams)
        ]
        news = [builder.fadd(old, builder.fmul(xs[s], columns[v])) for (s, v), old in zip(grid, sums, strict=True)]
        following = builder.add(row, number(1))
        row.add_incoming(following, loop)
        for running, start, new in zip(sums, starts, news, strict=True):
            running.add_incoming(start, before)
            running.add_incoming(new, loop)
        builder.cbranch(builder.icmp_signed("<", following, rows), loop, done)

        builder.position_at_end(done)
        for place, new in zip(outs, news, strict=True):
            builder.store(new, place, align=4)
        return context.get_dummy_value()

    return generate


def number(value: int) -> ir.Constant:
    return ir.Constant(ir.IntType(64), value)


def total(builder: ir.IRBuilder, terms: list[Any]) -> Any:
    result = terms[0]
    for term in terms[1:]:
        result = builder.add(result, term)
    return result


def times(builder: ir.IRBuilder, step: Any, count: int) -> Any:
    return builder.mul(step, number(count))


def vector_at(builder: ir.IRBuilder, base: Any, terms: list[Any]) -> Any:
    return builder.bitcast(builder.gep(base, [total(builder, terms)]), SINGLE.as_pointer())


def read_weights(builder: ir.IRBuilder, w: Any, w_row: Any, vector: int) -> Any:
    place = builder.gep(w, [builder.add(w_row, number(LANES * vector))])
    return builder.load(builder.bitcast(place, SINGLE.as_pointer()), align=4)


def spread(builder: ir.IRBuilder, place: Any) -> Any:
    """The number at `place` in all lanes."""
    nothing = ir.Constant(SINGLE, ir.Undefined)
    first = builder.insert_element(nothing, builder.load(place), ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(LANE_NUMBERS, [0] * LANES))

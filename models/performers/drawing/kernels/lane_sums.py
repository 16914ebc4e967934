"""Sums of products that come to the same on every processor, as numba intrinsics: the inside of the drawing loops.

numba's disk cache does not see changes in this file: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from models.common.vector_code import (
    INDEX,
    LANES,
    WIDE_LANES,
    bring_nearer,
    data,
    lanes_for,
    number,
    single,
    spread,
    summed,
    times,
    total,
    vector_at,
    widened,
)

PANEL: Final = 128
"""Columns of a matrix that lie together, and whose sums are taken together."""
HALF_PANEL: Final = 64
AHEAD_ROWS: Final = 32
"""Of rows that are named: so many names must stand behind the last that counts, whatever they are."""
MOST_SUMS: Final = {LANES: 8, WIDE_LANES: 16}
"""In registers at once, beside what is multiplied: half of those there are."""


def panel_sums(streams: int, columns: int = PANEL, gathered: bool = False) -> Callable[..., None]:
    """Intrinsic for out[s, c] = sum over r of x[s, r] * w[r, c], s < `streams`, c < `columns`, row after row.

    Arguments: out, its first index, its step per stream; x, its first index, its step per stream; w, its first index,
    its step per row; the number of rows. All are flat; w may hold whole numbers, the others are float32. `gathered`
    sums take one more: which rows of x and w, int64, and `AHEAD_ROWS` more; the number is then how many.
    """
    index = types.int64

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        lanes = lanes_for(context)
        width = min(columns, lanes * MOST_SUMS[lanes] // streams)
        for first in range(0, columns, width):
            _panel_part(context, builder, signature.args, arguments, streams, range(first, first + width, lanes))
        return context.get_dummy_value()

    if gathered:

        @intrinsic
        def gathered_sums(typingctx, out, out_at, out_step, x, x_at, x_step, w, w_at, w_step, count, rows):  # type: ignore[no-untyped-def]
            return types.void(out, index, index, x, index, index, w, index, index, index, rows), generate

        return gathered_sums

    @intrinsic
    def sums(typingctx, out, out_at, out_step, x, x_at, x_step, w, w_at, w_step, count):  # type: ignore[no-untyped-def]
        return types.void(out, index, index, x, index, index, w, index, index, index), generate

    return sums


def _panel_part(context: Any, builder: ir.IRBuilder, kinds: Any, arguments: Any, streams: int, columns: range) -> None:
    """The loop over rows, with one running sum per stream and vector of columns."""
    lanes = columns.step
    out, x, w = data(context, builder, kinds, arguments, 0, 3, 6)
    out_at, out_step, x_at, x_step, w_at, w_step, count = (arguments[n] for n in (1, 2, 4, 5, 7, 8, 9))
    chosen = data(context, builder, kinds, arguments, 10)[0] if len(kinds) > 10 else None
    grid = [(stream, column) for stream in range(streams) for column in columns]
    sums = [cgutils.alloca_once(builder, single(lanes)) for _ in grid]
    for running in sums:
        builder.store(ir.Constant(single(lanes), [0.0] * lanes), running)
    with cgutils.for_range(builder, count, intp=INDEX) as loop:
        row = builder.load(builder.gep(chosen, [loop.index])) if chosen else loop.index
        w_row = builder.add(w_at, builder.mul(row, w_step))
        ahead = None
        if chosen:
            later = builder.load(builder.gep(chosen, [total(builder, [loop.index, number(AHEAD_ROWS)])]))
            ahead = builder.add(w_at, builder.mul(later, w_step))
        bring_nearer(builder, w, w_row, ahead, columns)
        weights = {column: widened(builder, w, [w_row, number(column)], lanes) for column in columns}
        xs = [
            spread(builder, builder.gep(x, [total(builder, [x_at, times(builder, x_step, s), row])]), lanes)
            for s in range(streams)
        ]
        for (s, column), running in zip(grid, sums, strict=True):
            product = builder.fmul(xs[s], weights[column])
            builder.store(builder.fadd(builder.load(running), product), running)
    for (s, column), running in zip(grid, sums, strict=True):
        place = vector_at(builder, out, [out_at, times(builder, out_step, s), number(column)], lanes)
        builder.store(builder.load(running), place, align=4)


@intrinsic
def lane_dot(typingctx, a, a_at, b, b_at, blocks):  # type: ignore[no-untyped-def]
    """The sum of a[a_at + i] * b[b_at + i] over `blocks` of 16, by lanes, both float32."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        first, second = data(context, builder, signature.args, arguments, 0, 2)
        running = cgutils.alloca_once(builder, single(WIDE_LANES))
        builder.store(ir.Constant(single(WIDE_LANES), [0.0] * WIDE_LANES), running)
        with cgutils.for_range(builder, arguments[4], intp=INDEX) as loop:
            at = times(builder, loop.index, WIDE_LANES)
            one, other = (
                widened(builder, base, [arguments[place], at], WIDE_LANES) for base, place in ((first, 1), (second, 3))
            )
            builder.store(builder.fadd(builder.load(running), builder.fmul(one, other)), running)
        return summed(builder, builder.load(running), WIDE_LANES)

    return types.float32(a, types.int64, b, types.int64, types.int64), generate


one_stream = panel_sums(1)
two_streams = panel_sums(2)
one_half = panel_sums(1, HALF_PANEL)
two_halves = panel_sums(2, HALF_PANEL)
one_gathered = panel_sums(1, gathered=True)
two_gathered = panel_sums(2, gathered=True)

"""Vectors in numba intrinsics: what sums that are written out by hand are made of.

A library's loop, or a compiler that may reorder, splits a sum to fit the vectors of the processor at hand, so that its
last digit is another one elsewhere. Here each sum has an order of its own: lane by lane, and a product is rounded
before it is added, since not every processor can do both in one step. How many lanes lie in one register changes
nothing of that; a processor with registers twice as wide takes two of them at once.

numba's disk cache does not see changes in this file: after one, remove the `__pycache__` folders.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llvmlite import ir

LANES: Final = 8
"""Of float32, in AVX2's registers; LLVM splits them on processors that have narrower ones."""
WIDE_LANES: Final = 16
"""In those of AVX-512."""
WIDE_FEATURE: Final = "+avx512f"
HALF_FEATURE: Final = "+f16c"
X86: Final = ("x86", "i386", "i686")

AHEAD_BYTES: Final = 4096
"""A page: the processor fetches ahead by itself, but only to the end of one."""
LINE_BYTES: Final = 64
"""What comes from memory at once."""

FLOAT: Final = ir.FloatType()
HALF: Final = ir.IntType(16)
"""The bits of half precision."""
INDEX: Final = ir.IntType(64)
LANE_NUMBER: Final = ir.IntType(32)
BYTES: Final = ir.IntType(8).as_pointer()
HALF_SHIFT, HALF_PLACES, HALF_SCALE = 13, 0x8FFFE000, 2.0**112
"""Of half precision's bits in those of float32, and of its exponent's bias."""
READ, KEPT_NEAR, DATA = 0, 3, 1
"""What LLVM's prefetch is told: for reading, into the nearest cache, and no instructions."""


def lanes_for(context: Any) -> int:
    """How many float32 a register holds, where numba compiles for this `context`."""
    return WIDE_LANES if WIDE_FEATURE in context.codegen().magic_tuple()[2].split(",") else LANES


def single(lanes: int) -> ir.VectorType:
    return ir.VectorType(FLOAT, lanes)


def number(value: int) -> ir.Constant:
    return ir.Constant(INDEX, value)


def total(builder: ir.IRBuilder, terms: list[Any]) -> Any:
    result = terms[0]
    for term in terms[1:]:
        result = builder.add(result, term)
    return result


def times(builder: ir.IRBuilder, step: Any, count: int) -> Any:
    return builder.mul(step, number(count))


def data(context: Any, builder: ir.IRBuilder, kinds: Any, arguments: Any, *places: int) -> list[Any]:
    """Where the numbers of those arrays among the arguments begin."""
    return [context.make_array(kinds[place])(context, builder, arguments[place]).data for place in places]


def vector_at(builder: ir.IRBuilder, base: Any, terms: list[Any], lanes: int = LANES) -> Any:
    """The place of `lanes` numbers, from the sum of some indices on."""
    kind = ir.VectorType(base.type.pointee, lanes)
    return builder.bitcast(builder.gep(base, [total(builder, terms)]), kind.as_pointer())


def widened(builder: ir.IRBuilder, base: Any, terms: list[Any], lanes: int) -> Any:
    """`lanes` numbers that lie there, whole ones turned into float32."""
    kind = base.type.pointee
    found = builder.load(vector_at(builder, base, terms, lanes), align=4 if kind == FLOAT else kind.width // 8)
    if kind == FLOAT:
        return found
    return builder.sitofp(builder.sext(found, ir.VectorType(ir.IntType(32), lanes)), single(lanes))


def half_widened(context: Any) -> Callable[..., Any]:
    """As `widened`, for numbers of half precision that are no infinities.

    A processor that cannot widen them shifts their bits into place and scales them up, which comes to the same.
    """
    triple, _, features = context.codegen().magic_tuple()
    can = HALF_FEATURE in features.split(",") or not triple.startswith(X86)

    def load(builder: ir.IRBuilder, base: Any, terms: list[Any], lanes: int) -> Any:
        bits = builder.load(vector_at(builder, base, terms, lanes), align=2)
        if can:
            return builder.fpext(builder.bitcast(bits, ir.VectorType(ir.HalfType(), lanes)), single(lanes))
        words = ir.VectorType(LANE_NUMBER, lanes)
        shifted = builder.shl(builder.sext(bits, words), ir.Constant(words, [HALF_SHIFT] * lanes))
        placed = builder.and_(shifted, ir.Constant(words, [HALF_PLACES] * lanes))
        return builder.fmul(builder.bitcast(placed, single(lanes)), ir.Constant(single(lanes), [HALF_SCALE] * lanes))

    return load


def prefetch(builder: ir.IRBuilder, base: Any, terms: list[Any]) -> None:
    """Brings what lies at the sum of some indices nearer; a place that does not exist is allowed, and does nothing."""
    place = builder.bitcast(builder.gep(base, [total(builder, terms)]), BYTES)
    kind = ir.FunctionType(ir.VoidType(), [BYTES, *[LANE_NUMBER] * 3])
    options = [ir.Constant(LANE_NUMBER, value) for value in (READ, KEPT_NEAR, DATA)]
    builder.call(builder.module.declare_intrinsic("llvm.prefetch", [BYTES], kind), [place, *options])


def bring_nearer(builder: ir.IRBuilder, base: Any, row: Any, later: Any, columns: range) -> None:
    """Asks for those columns of a `later` row, or, where None is known, of what lies a small page behind this one.

    The processor foresees neither by itself.
    """
    kind = base.type.pointee
    size_bytes = kind.width // 8 if isinstance(kind, ir.IntType) else 4
    place, away = (row, AHEAD_BYTES // size_bytes) if later is None else (later, 0)
    for column in range(columns.start, columns.stop, LINE_BYTES // size_bytes):
        prefetch(builder, base, [place, number(column + away)])


def accumulate(
    builder: ir.IRBuilder,
    out: tuple[Any, Any, Any],
    rows: int,
    columns: range,
    count: Any,
    operands: Callable[[Any], tuple[list[Any], dict[int, Any]]],
    multiplied: Callable[[Any, Any, Any], Any],
) -> None:
    """A loop over products of `rows` and `columns`, whose sums stay in registers; `count` times, at least once.

    out: where the sums lie: array, index, step per row. operands: of a turn, what each row multiplies with, and the
    vectors of all columns. multiplied: the sum after a product, from the sum before it and both.
    """
    base, at, step = out
    grid = [(row, column) for row in range(rows) for column in columns]
    places = [vector_at(builder, base, [at, times(builder, step, r), number(c)], columns.step) for r, c in grid]
    starts = [builder.load(place, align=4) for place in places]
    before = builder.block
    loop, done = builder.append_basic_block("turn"), builder.append_basic_block("done")
    builder.branch(loop)
    builder.position_at_end(loop)
    turn, sums = builder.phi(INDEX), [builder.phi(start.type) for start in starts]
    xs, vectors = operands(turn)
    news = [multiplied(old, xs[row], vectors[column]) for (row, column), old in zip(grid, sums, strict=True)]
    following = builder.add(turn, number(1))
    for running, start, new in zip([turn, *sums], [number(0), *starts], [following, *news], strict=True):
        running.add_incoming(start, before)
        running.add_incoming(new, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, done)
    builder.position_at_end(done)
    for place, new in zip(places, news, strict=True):
        builder.store(new, place, align=4)


def spread(builder: ir.IRBuilder, place: Any, lanes: int = LANES) -> Any:
    """The number at `place` in all lanes."""
    nothing = ir.Constant(ir.VectorType(place.type.pointee, lanes), ir.Undefined)
    first = builder.insert_element(nothing, builder.load(place), ir.Constant(LANE_NUMBER, 0))
    return builder.shuffle_vector(first, nothing, ir.Constant(ir.VectorType(LANE_NUMBER, lanes), [0] * lanes))


def summed(builder: ir.IRBuilder, vector: Any, lanes: int) -> Any:
    """The sum of all lanes: halves are added to each other until one is left."""
    while lanes > 1:
        half = ir.VectorType(LANE_NUMBER, lanes := lanes // 2)
        low, high = (ir.Constant(half, list(range(at, at + lanes))) for at in (0, lanes))
        vector = builder.fadd(builder.shuffle_vector(vector, vector, low), builder.shuffle_vector(vector, vector, high))
    return builder.extract_element(vector, ir.Constant(LANE_NUMBER, 0))

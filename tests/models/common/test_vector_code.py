"""Vectors written out by hand: what is read, spread and summed, in registers of either width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from models.common.vector_code import (
    LANES,
    WIDE_FEATURE,
    WIDE_LANES,
    data,
    half_widened,
    lanes_for,
    number,
    spread,
    summed,
    total,
    vector_at,
    widened,
)


def weighted(lanes: int) -> Any:
    """Intrinsic for the sum of `lanes` numbers from an index on, times the first of them."""

    @intrinsic
    def product(typingctx, array, at):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            [base] = data(context, builder, signature.args, arguments, 0)
            terms = [arguments[1], number(0)]
            found = widened(builder, base, terms, lanes)
            if array.dtype != types.float32:
                return summed(builder, found, lanes)
            first = spread(builder, builder.gep(base, [total(builder, terms)]), lanes)
            return summed(builder, builder.fmul(found, first), lanes)

        return types.float32(array, types.int64), generate

    return product


@pytest.mark.parametrize("lanes", [LANES, WIDE_LANES])
def test_numbers_are_read_spread_and_summed(lanes: int) -> None:
    product = weighted(lanes)

    @njit
    def apply(array, at):  # type: ignore[no-untyped-def]
        return product(array, at)

    numbers = np.arange(3, 40, dtype=np.float32)
    assert apply(numbers, 2) == numbers[2] * numbers[2 : 2 + lanes].sum()
    for kind in (np.int8, np.int16):
        assert apply(-numbers.astype(kind), 1) == -numbers[1 : 1 + lanes].sum()


def widening(can: bool) -> Any:
    """Intrinsic that widens eight halves, as for a processor that can or cannot do so by itself."""

    @intrinsic
    def widen(typingctx, halves, at, out):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            source, target = data(context, builder, signature.args, arguments, 0, 2)
            found = half_widened(context if can else Plain())(builder, source, [arguments[1]], LANES)
            builder.store(found, vector_at(builder, target, [arguments[1]]), align=4)
            return context.get_dummy_value()

        return types.void(halves, types.int64, out), generate

    return widen


class Plain:
    """As a context of numba's, for a processor of which nothing is known."""

    def codegen(self) -> Plain:
        return self

    def magic_tuple(self) -> tuple[str, str, str]:
        return "x86_64-unknown-linux-gnu", "generic", ""


@pytest.mark.parametrize("can", [True, False])
def test_halves_are_widened_exactly(can: bool) -> None:
    widen = widening(can)

    @njit
    def apply(halves, out):  # type: ignore[no-untyped-def]
        for at in range(0, len(halves), LANES):
            widen(halves, at, out)

    halves = np.arange(2**16, dtype=np.uint16)
    expected = halves.view(np.float16).astype(np.float32)
    found = np.empty_like(expected)
    apply(halves, found)
    finite = np.isfinite(expected)
    assert finite.sum() > 60_000
    assert np.array_equal(found.view(np.uint32)[finite], expected.view(np.uint32)[finite])


def test_registers_are_as_wide_as_the_processor_says() -> None:
    context = cpu_target.target_context
    wide = WIDE_FEATURE in context.codegen().magic_tuple()[2]
    assert lanes_for(context) == (WIDE_LANES if wide else LANES)

"""Arrays that are put together keep what they are, and begin where a line of the cache does."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models.common.large_pages import LINE_BYTES, PAGE_BYTES, together

RNG = np.random.default_rng(5)


class Inner(NamedTuple):
    numbers: Any
    several: Any


class Outer(NamedTuple):
    first: Any
    inner: Inner


def structure() -> Outer:
    large = RNG.integers(-127, 127, (3, PAGE_BYTES // 3)).astype(np.int8)
    several = tuple(RNG.standard_normal((size, 5)).astype(np.float32) for size in (1, 7, 0))
    return Outer(large, Inner(RNG.standard_normal(11), several))


def arrays(of: Outer) -> list[np.ndarray]:
    return [of.first, of.inner.numbers, *of.inner.several]


def test_everything_is_copied_as_it_was() -> None:
    before = structure()
    after = together(before)
    assert isinstance(after, Outer)
    assert isinstance(after.inner, Inner)
    for old, new in zip(arrays(before), arrays(after), strict=True):
        assert (old.dtype, old.shape) == (new.dtype, new.shape)
        assert new.flags.c_contiguous
        assert new.flags.writeable
        assert np.array_equal(old, new)
    after.inner.several[1][:] = 3.0
    assert not np.array_equal(before.inner.several[1], after.inner.several[1]), "a copy, not a view"


def test_each_begins_with_a_line_and_the_first_with_a_large_page() -> None:
    found = [array for array in arrays(together(structure())) if array.size]
    assert [array.ctypes.data % LINE_BYTES for array in found] == [0] * len(found)
    assert found[0].ctypes.data % PAGE_BYTES == 0
    ends = [array.ctypes.data + array.nbytes for array in found]
    assert all(end <= array.ctypes.data for end, array in zip(ends, found[1:], strict=False)), "none lies in another"


def test_the_block_lives_as_long_as_one_of_them() -> None:
    kept = [together(structure()).inner.numbers for _ in range(20)]
    assert all(np.isfinite(numbers).all() for numbers in kept)

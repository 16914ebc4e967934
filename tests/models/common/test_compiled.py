"""Two processes compile one function at once, for other types: each gets its own machine code back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
import pytest
from numba import float32, int64
from numba.core import caching
from numba.core.dispatcher import Dispatcher

from models.common import compiled


def _key(type_: Any) -> tuple[Any, ...]:
    return ((type_,), ("processor",), ("code", "cells"))


def _file(folder: Path) -> compiled.NamedByContent:
    return compiled.NamedByContent(str(folder), "loop.step-1", "stamp")


@pytest.mark.parametrize("moment", ["_load_index", "_save_index", "_save_data"])
@pytest.mark.parametrize("read_before", [True, False], ids=["read before", "reads then"])
def test_another_process_writes_at_any_moment(
    tmp_path: Path, moment: str, read_before: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`read_before`: the other process read the index when it was still empty."""
    mine, other = _file(tmp_path), _file(tmp_path)
    if read_before:
        monkeypatch.setattr(other, "_load_index", dict)
    step: Callable[..., Any] = getattr(mine, moment)

    def after_the_other(*arguments: Any) -> Any:
        other.save(_key(float32), "for float32")
        return step(*arguments)

    monkeypatch.setattr(mine, moment, after_the_other)
    mine.save(_key(int64), "for int64")
    assert _file(tmp_path).load(_key(int64)) in {"for int64", None}
    assert _file(tmp_path).load(_key(float32)) in {"for float32", None}


def test_what_is_saved_is_found_again(tmp_path: Path) -> None:
    for type_, code in ((int64, "for int64"), (float32, "for float32"), (int64, "for int64, anew")):
        _file(tmp_path).save(_key(type_), code)
    assert _file(tmp_path).load(_key(int64)) == "for int64, anew"
    assert _file(tmp_path).load(_key(float32)) == "for float32"
    assert _file(tmp_path).load(_key(np.float64)) is None


class Left(NamedTuple):
    """A structure that loops take, until the code does without."""


def test_an_index_that_names_what_has_left_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _file(tmp_path).save(_key(Left), "for what leaves")
    monkeypatch.delattr(sys.modules[__name__], "Left")
    assert _file(tmp_path).load(_key(int64)) is None
    _file(tmp_path).save(_key(int64), "for int64")
    assert _file(tmp_path).load(_key(int64)) == "for int64"


def test_every_compiled_loop_is_kept_so() -> None:
    assert caching.IndexDataCacheFile is compiled.NamedByContent


def test_what_only_loops_call_is_in_those_that_call_it() -> None:
    """It is no loop by itself: Python runs it as it stands."""

    @compiled.inner
    def tripled(x: float) -> float:
        return 3.0 * x

    def one_more(x: float) -> float:
        return tripled(x) + 1.0

    more: Any = compiled.njit(one_more)
    assert more(2.0) == 7.0
    assert tripled(2.0) == 6.0
    assert isinstance(tripled, FunctionType)
    assert isinstance(more, Dispatcher)

"""Numba's `njit`, with less to compile; its cache several processes may fill at once.

`njit` makes no entries for C, which nobody calls. What only other loops call is `inner`: it has no entry for Python
either, nor a file in the cache, since whoever calls it has it in theirs.

Numba numbers the files of a function in the order of its index (`numba.core.caching`). Two processes that compile the
function at the same time, for other types or another processor, choose the same number. The index then names the file
of the one with the types of the other, and whoever reads it calls machine code with the wrong arguments. So each file
has the name of what is in it, and it is written before the index names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import numba
from numba.core import caching
from numba.extending import register_jitable

njit: Final = partial(numba.njit, no_cfunc_wrapper=True)
"""A twentieth of the time that loops take to compile went into these entries."""
Function = TypeVar("Function", bound=Callable[..., Any])


def inner(function: Function) -> Function:
    """Decorates what only compiled loops call; Python runs it as it stands, slowly."""
    found: Function = register_jitable(no_cfunc_wrapper=True)(function)
    return found


class NamedByContent(caching.IndexDataCacheFile):
    """The compiled forms of one function; a lost entry of the index costs only a compilation.

    An index that names a type which the code no longer has cannot be read: then nothing is compiled yet.
    """

    def save(self, key: Any, data: Any) -> None:
        """`key` holds the types, the processor and a hash of the code."""
        name = self._data_name(int(hashlib.sha256(repr(key).encode()).hexdigest()[:15], 16))
        self._save_data(name, data)
        overloads = self._load_index()
        overloads[key] = name
        self._save_index(overloads)

    def _load_index(self) -> dict[Any, str]:
        try:
            found: dict[Any, str] = super()._load_index()
        except (AttributeError, ImportError):
            return {}
        return found


caching.IndexDataCacheFile = NamedByContent  # type: ignore[misc]

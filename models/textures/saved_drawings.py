"""How far drawings have come, in one file: a state of arrays for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Kept(Protocol):
    def state(self) -> dict[str, NDArray[Any]]: ...


def write_states(path: Path, drawings: Sequence[Kept]) -> None:
    """Writes the states of some drawings under a temporary name, then renames it."""
    states: dict[str, Any] = {
        f"{number}.{name}": value for number, drawing in enumerate(drawings) for name, value in drawing.state().items()
    }
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(file, **states)
    temporary.replace(path)


def read_states(path: Path) -> list[dict[str, NDArray[Any]]]:
    """The states in a file, in the order in which they were written; none when it cannot be read."""
    found: dict[int, dict[str, NDArray[Any]]] = {}
    try:
        with np.load(path) as states:
            for name in states.files:
                number, _, part = name.partition(".")
                found.setdefault(int(number), {})[part] = states[name]
    except (OSError, ValueError, KeyError):
        return []
    return [found[number] for number in sorted(found)]

"""Set-up compiles what any performer that ships draws with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numba import typeof

from engine.errors import WeightsError
from engine.files.paths import WEIGHTS_FOLDER
from models.common.weights import FILE_NAME
from models.compiling import first_performers
from models.performers.drawing.performer import Conditioning, Performer


def types_of(weights: Path) -> str:
    """What a compiled loop is given, as Numba sees it: weights, and what is remembered."""
    performer = Performer(weights.parent.name, weights)
    stream, _ = performer.begin(Conditioning())
    given: dict[str, Any] = {**vars(stream), "weights": getattr(performer._network, "weights", None)}
    return str({name: typeof(value) for name, value in given.items() if _is_array(value)})


def _is_array(value: object) -> bool:
    """Or a tuple of nothing else."""
    return isinstance(value, np.ndarray) or (isinstance(value, tuple) and all(map(_is_array, value)))


def shipped() -> list[tuple[Path, str]]:
    found = []
    for weights in sorted(WEIGHTS_FOLDER.glob(f"*/{FILE_NAME}")):
        try:
            found.append((weights, types_of(weights)))
        except WeightsError:  # of a network that does not play notes
            continue
    return found


def test_every_performer_s_loops_are_compiled_for_its_types() -> None:
    """A tuple of another length is another type, for which Numba would compile while the room waits."""
    types = dict(shipped())
    compiled = {types[weights] for weights in first_performers()}
    assert len(compiled) > 1
    assert set(types.values()) == compiled

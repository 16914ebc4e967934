"""States of drawings in a file: they come back in their order; what cannot be read is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.textures.saved_drawings import read_states, write_states


class Drawn:
    def __init__(self, number: int) -> None:
        self.number = number

    def state(self) -> dict[str, NDArray[Any]]:
        return {"frame": np.array(self.number), "a.b": np.full(3, self.number, np.float32)}


def test_states_come_back_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "drawing.npz"
    write_states(path, [Drawn(number) for number in range(12)])
    states = read_states(path)
    assert [int(state["frame"]) for state in states] == list(range(12))
    assert states[11]["a.b"].tolist() == [11.0, 11.0, 11.0]
    assert [file.name for file in tmp_path.iterdir()] == ["drawing.npz"]


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "drawing.npz"
    assert read_states(path) == []
    path.write_bytes(b"no archive")
    assert read_states(path) == []
    np.savez(path, nothing_of_a_drawing=np.ones(1))
    assert read_states(path) == []

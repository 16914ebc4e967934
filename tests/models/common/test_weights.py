"""Weights on disk: read one array at a time, and refused where they are damaged."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from models.common.weights import load_weights, open_weights, save_weights

ARRAYS = {f"layer_{number}": np.full((512, 512), number, np.float32) for number in range(8)}
ONE_BYTES = ARRAYS["layer_0"].nbytes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_weights(path, ARRAYS, {"network": "x", "era": "9"})
    return path


def most_bytes(path: Path, *, at_once: bool) -> int:
    """What Python holds at most while every array is looked at."""
    tracemalloc.start()
    arrays, _ = (load_weights if at_once else open_weights)(path, "x")
    assert all(array.dtype == np.float32 and (array == ARRAYS[name]).all() for name, array in arrays.items())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_arrays_are_read_one_at_a_time(path: Path) -> None:
    assert most_bytes(path, at_once=False) < 4 * ONE_BYTES
    assert most_bytes(path, at_once=True) > 8 * ONE_BYTES


def test_names_and_header_are_those_that_were_written(path: Path) -> None:
    arrays, about = open_weights(path, "y", "x")
    assert about == {"network": "x", "era": "9"}
    assert set(arrays) == set(ARRAYS)
    assert len(arrays) == 8
    assert "layer_8" not in arrays
    with pytest.raises(KeyError):
        arrays["layer_8"]


def test_what_is_not_finite_damaged_or_of_another_network_is_refused(path: Path) -> None:
    with pytest.raises(WeightsError, match="weights for 'x', expected 'y'"):
        open_weights(path, "y")
    save_weights(path, {**ARRAYS, "layer_3": np.full(2, np.nan, np.float32)}, {"network": "x"})
    with pytest.raises(WeightsError, match="layer_3 holds values that are not finite"):
        open_weights(path, "x")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(WeightsError, match="damaged"):
        open_weights(path, "x")

"""Weights on disk: half-precision safetensors whose header says what network they belong to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.files.state_folder import weights_folders

FILE_NAME = "weights.safetensors"

Arrays = Mapping[str, NDArray[np.float32]]


class StoredArrays(Mapping[str, NDArray[np.float32]]):
    """The arrays of a file, each of which is read, and widened to float32, when it is asked for.

    So whoever packs one after the other never holds more than one of them. The file is open only meanwhile: what is
    read through a map of it would count as memory for as long as the map is there.
    """

    def __init__(self, path: Path) -> None:
        """Raises SafetensorError or OSError."""
        self._path = path
        with safe_open(path, "numpy") as file:
            self.about = dict(file.metadata() or {})
            self._names = tuple(file.keys())

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self._names:
            raise KeyError(name)
        with safe_open(self._path, "numpy") as file:
            return np.asarray(file.get_tensor(name), np.float32)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def weights_path(performer: str) -> Path:
    """Where the weights of a performer lie: a name under `weights_folders`, or a folder or file of one's own.

    NAME/ERA is what it was before it had learnt all, where that was kept: `models.performers.training.eras`.
    """
    given = Path(performer)
    if given.suffix == ".safetensors":
        return given
    folders = [given] if given.is_dir() else [home / performer for home in weights_folders()]
    paths = [path for folder in folders for path in (folder.with_suffix(".safetensors"), folder / FILE_NAME)]
    return next((path for path in paths if path.is_file()), folders[-1] / FILE_NAME)


def save_weights(path: Path, arrays: Mapping[str, NDArray[np.generic]], about: Mapping[str, str]) -> None:
    """Writes arrays as float16 with string metadata, under a temporary name first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {name: np.ascontiguousarray(array, np.float16) for name, array in arrays.items()}
    temporary = path.with_suffix(".partial")
    save_file(halves, temporary, dict(about))
    os.replace(temporary, path)


def load_weights(path: Path, *networks: str) -> tuple[dict[str, NDArray[np.float32]], dict[str, str]]:
    """As `open_weights`, with all arrays at once."""
    arrays, about = open_weights(path, *networks)
    return dict(arrays), about


def open_weights(path: Path, *networks: str) -> tuple[Arrays, dict[str, str]]:
    """Arrays as float32, each read when it is asked for, and the metadata of weights for one of `networks`.

    Raises:
        WeightsError: no such file, damaged, for another network, or with values that are not finite.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights; expected a folder with {FILE_NAME}. {_known()}")
    try:
        arrays = StoredArrays(path)
        broken = next((name for name, array in arrays.items() if not np.isfinite(array).all()), "")
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"{path}: damaged ({error}); bring it back with `git checkout {path}`") from error
    if arrays.about.get("network") not in networks:
        expected = " or ".join(repr(network) for network in networks)
        found = arrays.about.get("network", "an unknown network")
        raise WeightsError(f"{path}: weights for {found!r}, expected {expected}")
    if broken:
        raise WeightsError(f"{path}: {broken} holds values that are not finite; train again or bring it back")
    return arrays, arrays.about


def _known() -> str:
    names = sorted({path.parent.name for home in weights_folders() for path in home.glob(f"*/{FILE_NAME}")})
    return f"There are: {', '.join(names)}" if names else "None have been trained yet: see `train --help`"


def content_hash(path: Path) -> str:
    """First 12 hex digits of the file's SHA-256: names the exact weights in recipes and journals."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

"""Weights on disk: half-precision safetensors whose header says what network they belong to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.errors import WeightsError
from engine.files.state_folder import weights_folders

FILE_NAME = "weights.safetensors"

Arrays = dict[str, NDArray[np.float32]]


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


def load_weights(path: Path, *networks: str) -> tuple[Arrays, dict[str, str]]:
    """Arrays as float32 and the metadata of weights for one of `networks`.

    Raises:
        WeightsError: no such file, damaged, for another network, or with values that are not finite.
    """
    if not path.is_file():
        raise WeightsError(f"{path}: no such weights; expected a folder with {FILE_NAME}. {_known()}")
    try:
        with safe_open(path, "numpy") as file:
            about = dict(file.metadata() or {})
            arrays = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError, ValueError) as error:
        raise WeightsError(f"{path}: damaged ({error}); bring it back with `git checkout {path}`") from error
    if about.get("network") not in networks:
        expected = " or ".join(repr(network) for network in networks)
        raise WeightsError(f"{path}: weights for {about.get('network', 'an unknown network')!r}, expected {expected}")
    broken = [name for name, array in arrays.items() if not np.isfinite(array).all()]
    if broken:
        raise WeightsError(f"{path}: {broken[0]} holds values that are not finite; train again or bring it back")
    return arrays, about


def _known() -> str:
    names = sorted({path.parent.name for home in weights_folders() for path in home.glob(f"*/{FILE_NAME}")})
    return f"There are: {', '.join(names)}" if names else "None have been trained yet: see `train --help`"


def content_hash(path: Path) -> str:
    """First 12 hex digits of the file's SHA-256: names the exact weights in recipes and journals."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

"""Where a training stands, on disk: written aside and renamed, refused when it belongs to another network."""

from __future__ import annotations

import csv
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.errors import WeightsError


def read_checkpoint(path: Path, device: torch.device, sizes: Mapping[str, Any]) -> dict[str, Any]:
    """The state in a file, or {} when there is none; raises `WeightsError` when it is damaged or of other sizes."""
    if not path.is_file():
        return {}
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        kept = state["sizes"]
    except (RuntimeError, KeyError, OSError, EOFError, pickle.UnpicklingError) as error:
        raise WeightsError(f"{path}: damaged ({error}); remove it to begin anew") from error
    if kept != dict(sizes):
        raise WeightsError(f"{path}: a network of other sizes; choose another folder, or the same sizes")
    return state


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    temporary = path.with_suffix(".part")
    torch.save(dict(state), temporary)
    os.replace(temporary, path)


def log_row(path: Path, row: Mapping[str, Any]) -> None:
    """Adds a line to a CSV file, with a heading if it is new."""
    is_new = not path.is_file()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)


def take_over(network: nn.Module, parameters: Mapping[str, Any]) -> bool:
    """Copies parameters of another network where name and shape agree; whether there were any."""
    with torch.no_grad():
        for name, own in network.named_parameters():
            if name in parameters and tuple(parameters[name].shape) == tuple(own.shape):
                own.copy_(torch.from_numpy(np.asarray(parameters[name], np.float32)))
    return bool(parameters)

"""How readily a performer points back at what it played while it draws.

A pointer learns what people go on with once they have begun to repeat themselves. It prolongs a return, and hardly
begins one: nobody who listens to `satie_transformer` for a minute hears a melody again, where a tenth to an eighth of a
minute's melody returns in people's playing. So its sentinel is lower while it draws than it learnt, by as much as
brings back about as much as people do; lower still, and playing goes round in circles. The weights stay as they are:
prediction would lose by it.
"""

from __future__ import annotations

from collections import ChainMap
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from engine.errors import WeightsError
from models.common.weights import Arrays

FILE_NAME: Final = "pointing.yaml"
"""Beside the weights: by how much the sentinel's logit is lower than learnt, as `readier`."""

TO_RETURN: Final = 2.0
"""By how much lower the sentinel is, beside that, where all of a theme's melody is asked to return."""

SENTINEL: Final = "pointer.bias"


def readier_beside(weights: Path) -> float:
    """By how much that performer's sentinel is lowered which belongs to a file of weights; 0 where nothing says it.

    Raises:
        WeightsError: its file is damaged.
    """
    path = weights.parent / FILE_NAME
    if not path.exists():
        return 0.0
    try:
        return float(yaml.safe_load(path.read_text("utf-8"))["readier"])
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise WeightsError(f"{path}: expected a number `readier` ({error}); remove it") from error


def readier_to_point(arrays: Arrays, by: float) -> Arrays:
    """The same weights with a sentinel that is lower by so much; a network without a pointer stays as it is."""
    if SENTINEL not in arrays:
        return arrays
    lowered = {SENTINEL: arrays[SENTINEL] - np.float32(by)}
    return ChainMap(lowered, arrays)  # type: ignore[arg-type]  # the others are still read one by one, and never set

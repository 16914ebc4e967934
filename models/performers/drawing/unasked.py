"""How a performer plays that is asked for nothing, so that it plays the most like people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import yaml

from engine.errors import WeightsError
from models.performers.drawing.performer import Conditioning

FILE_NAME: Final = "unasked.yaml"
"""Temperature and top-p of a performer for which `UNASKED` is not the best, beside its weights."""

UNASKED: Final = Conditioning(temperature=1.0, top_p=0.99)
"""At the usual 0.95 and 0.97, where nothing leads it on, half of a performer's drawings strike one key over and over;
with all of its probabilities half-tones get into chords."""


def unasked_beside(weights: Path) -> Conditioning:
    """What to draw the performer by that belongs to a file of weights.

    Raises:
        WeightsError: its file is damaged.
    """
    path = weights.parent / FILE_NAME
    if not path.exists():
        return UNASKED
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
        return replace(UNASKED, temperature=float(found["temperature"]), top_p=float(found["top_p"]))
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise WeightsError(f"{path}: expected numbers `temperature` and `top_p` ({error}); remove it") from error

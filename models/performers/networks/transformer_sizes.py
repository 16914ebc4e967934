"""The shapes of a Piano Transformer, shared by the network that learns and the loop that draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.common.weights import Arrays
from models.performers.vocabulary.events import VOCABULARY_SIZE
from models.performers.vocabulary.keyboard_state import STATE_SIZE

GROUPS: Final = 3
"""Heads that count events, heads that count time, and heads that recall; older weights have the first two."""

RECALL: Final = 2
"""The group whose keys are those of the event before: what it finds is what came after playing like the present."""

NO_SINK: Final = -1e4
"""The logit of attending to nothing, for heads that always attend to something."""

RECENT_EVENTS: Final = 4
"""The event itself and the three before it enter through tables of their own."""

PERIODS: Final = ((6.0, 8_192.0), (4.0, 24_000.0))
"""Shortest and longest period of rotations, in events and in steps of 10 ms; recall counts neither."""

FAR_EVERY: Final = 3
"""The last of every three layers looks back at the whole memory, the others at what is near."""


@dataclass(frozen=True)
class PianoTransformerSizes:
    """Everything that fixes the shapes of the weights, and how far back a layer looks."""

    width: int = 256
    layers: int = 6
    heads: int = 6
    head: int = 64
    hidden: int = 1024
    near_events: int = 128
    memory_events: int = 2_048
    groups: int = GROUPS

    @classmethod
    def of(cls, arrays: Arrays) -> PianoTransformerSizes:
        """Those of weights.

        Raises:
            KeyError: an array is missing.
            ValueError: made for another vocabulary, other conditions or another keyboard.
        """
        if arrays["embedding"].shape[:2] != (RECENT_EVENTS, VOCABULARY_SIZE):
            raise ValueError("another vocabulary")
        if arrays["state"].shape[1] != STATE_SIZE:
            raise ValueError("another keyboard")
        hidden, width = arrays["layers.0.up"].shape
        heads = len(arrays["layers.0.sharpness"])
        layers = sum(name.endswith(".up") for name in arrays)
        head = len(arrays["layers.0.queries"]) // heads
        return cls(width, layers, heads, head, hidden, groups=len(arrays["layers.0.keys"]) // head)

    def reach(self, layer: int) -> int:
        """How many events a layer looks back at, the newest included."""
        return self.memory_events if layer % FAR_EVERY == FAR_EVERY - 1 else self.near_events


BY_HEART: Final = PianoTransformerSizes(width=128, layers=4, heads=3, hidden=512)
"""For a small book that is to be learnt by heart: a fifth of the weights, 2.1 MB in half precision."""


def turns(size: int, group: int) -> NDArray[np.float64]:
    """Radians per event or step [size / 2] by which a group's pairs are turned; their periods grow geometrically.

    Recall must find the same playing at any distance, so its pairs stay as they are.
    """
    if group == RECALL:
        return np.zeros(size // 2)
    shortest, longest = PERIODS[group]
    exponents = np.arange(size // 2) / (size // 2 - 1)
    return 2 * np.pi / (shortest * (longest / shortest) ** exponents)

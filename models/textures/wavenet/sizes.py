"""The sizes of a WaveNet, apart from the network so that drawing needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import LEVELS, WINDOW
from models.textures.audio.mu_law import CLASSES


@dataclass(frozen=True)
class WaveNetSizes:
    """Sizes of a network. Dilations are 1, 2, 4 … doubled through a cycle of layers, then again from 1.

    `predictor_order`: from how many values each value is predicted beforehand (`audio.linear_prediction`), a multiple
    of 8; 0 for the plain network of the paper. `told`: inputs from a plan for every block, levels and errors (see
    `models.textures.waveform.plan_conditions`), which make its `conditions`; 0 if the conditions are given as they are.
    `sketch_memory`: how the predictor forgets, in a network that is told a sketch of the plan (`waveform.sketch`); 0
    for one that is not.
    """

    layers: int = 24
    cycle: int = 12
    channels: int = 48
    skip_channels: int = 64
    head_channels: int = 128
    conditions: int = 16
    predictor_order: int = 256
    told: int = 0
    sketch_memory: float = 0.0
    styles: tuple[str, ...] = ("pads", "field", "tape", "rhodes")

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        layers, width, skip, head = self.layers, self.channels, self.skip_channels, self.head_channels
        predicting = {"foretold": (LEVELS, width), "spread": (head, 2), "spread_bias": (2,)}
        plan_input = {"told": (self.told, self.conditions), "told_bias": (self.conditions,)}
        return {
            "embedding": (CLASSES, width),
            "tap_past": (layers, width, 2 * width),
            "tap_now": (layers, width, 2 * width),
            "gate_bias": (layers, 2 * width),
            "style": (layers, len(self.styles), 2 * width),
            "condition": (layers, self.conditions, 2 * width),
            "residual": (layers, width, width),
            "residual_bias": (layers, width),
            "skip": (layers, width, skip),
            "skip_bias": (skip,),
            "head": (skip, head),
            "head_bias": (head,),
            "out": (head, CLASSES),
            "out_bias": (CLASSES,),
            **(predicting if self.predictor_order else {}),
            **(plan_input if self.told else {}),
        }

    @property
    def dilations(self) -> tuple[int, ...]:
        return tuple(2 ** (layer % self.cycle) for layer in range(self.layers))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> WaveNetSizes:
        """Raises `WeightsError` when a name is missing, unknown, or no sensible size."""
        try:
            sizes = WaveNetSizes(**{**values, "styles": tuple(values["styles"])})
        except (TypeError, KeyError) as error:
            raise WeightsError(f"these are not the sizes of a WaveNet: {error}") from error
        if min(sizes.layers, sizes.cycle, sizes.channels, sizes.skip_channels, sizes.head_channels) < 1:
            raise WeightsError(f"a WaveNet's sizes are at least 1, got {sizes}")
        if sizes.predictor_order % 8 or not 0 <= sizes.predictor_order <= WINDOW:
            raise WeightsError(f"a predictor's order is a multiple of 8 to {WINDOW}, got {sizes.predictor_order}")
        return sizes


CLASSIC: Final = WaveNetSizes(
    layers=50, cycle=10, channels=32, skip_channels=512, head_channels=512, predictor_order=0, styles=("any",)
)
"""The usual published configuration, the yardstick of the bench."""

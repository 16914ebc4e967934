"""The sizes of a SampleRNN, apart from the network so that drawing needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from engine.errors import WeightsError
from models.textures.audio.linear_prediction import LEVELS, WINDOW
from models.textures.audio.mu_law import BLOCK_FRAMES, CLASSES


@dataclass(frozen=True)
class SampleRnnSizes:
    """Sizes of a network of three tiers.

    `top_frames`, `middle_frames`: values that one frame of the two recurrent tiers holds; the top one's is a multiple
    of the middle one's, and a block of 256 a multiple of the top one's. `heard`: values just drawn that the lowest tier
    sees one by one, no more than a middle frame holds. `top`, `middle`, `channels`: widths of the three.
    `predictor_order`, `told` and `sketch_memory` are as those of `models.textures.wavenet.sizes.WaveNetSizes`.
    """

    top_frames: int = 64
    middle_frames: int = 16
    heard: int = 8
    top: int = 192
    middle: int = 192
    channels: int = 128
    embedding: int = 32
    conditions: int = 64
    predictor_order: int = 256
    told: int = 0
    sketch_memory: float = 0.0
    styles: tuple[str, ...] = ("pads", "field", "tape", "rhodes")

    @property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each parameter by name."""
        predicting = {"foretold": (LEVELS, self.channels), "spread": (self.channels, 2), "spread_bias": (2,)}
        plan_input = {"told": (self.told, self.conditions), "told_bias": (self.conditions,)}
        return {
            **self._tier_shapes("top", self.top, self.top_frames),
            **self._tier_shapes("middle", self.middle, self.middle_frames),
            "top_out": (self.top, self.top_frames // self.middle_frames * self.middle),
            "middle_out": (self.middle, self.middle_frames * self.channels),
            "embedding": (CLASSES, self.embedding),
            "taps": (self.heard, self.embedding, self.channels),
            **self._condition_shapes("", self.channels),
            "hidden": (self.channels, self.channels),
            "hidden_bias": (self.channels,),
            "out": (self.channels, CLASSES),
            "out_bias": (CLASSES,),
            **(predicting if self.predictor_order else {}),
            **(plan_input if self.told else {}),
        }

    def _tier_shapes(self, tier: str, width: int, frames: int) -> dict[str, tuple[int, ...]]:
        """Of a recurrent tier: what it makes of a frame, and a gated recurrent unit as torch has it."""
        unit: dict[str, tuple[int, ...]] = {"weight_ih_l0": (3 * width, width), "weight_hh_l0": (3 * width, width)}
        unit |= {"bias_ih_l0": (3 * width,), "bias_hh_l0": (3 * width,)}
        named = {f"{tier}_unit.{name}": shape for name, shape in unit.items()}
        return {f"{tier}_frame": (frames, width), **self._condition_shapes(f"{tier}_", width), **named}

    def _condition_shapes(self, tier: str, width: int) -> dict[str, tuple[int, ...]]:
        return {
            f"{tier}style": (len(self.styles), width),
            f"{tier}condition": (self.conditions, width),
            f"{tier}bias": (width,),
        }

    @property
    def multiply_adds(self) -> float:
        """Of the matrix products that one value takes; a tier's share is spread over its frame."""
        top = self.top * (self.top_frames + 6 * self.top + self.top_frames // self.middle_frames * self.middle)
        middle = self.middle * (self.middle_frames + 6 * self.middle + self.middle_frames * self.channels)
        lowest = self.channels * (self.channels + CLASSES)
        return top / self.top_frames + middle / self.middle_frames + lowest

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> SampleRnnSizes:
        """Raises `WeightsError` when a name is missing, unknown, or no sensible size."""
        try:
            sizes = SampleRnnSizes(**{**values, "styles": tuple(values["styles"])})
        except (TypeError, KeyError) as error:
            raise WeightsError(f"these are not the sizes of a SampleRNN: {error}") from error
        if min(sizes.middle_frames, sizes.heard, sizes.top, sizes.middle, sizes.channels, sizes.embedding) < 1:
            raise WeightsError(f"a SampleRNN's sizes are at least 1, got {sizes}")
        if sizes.top_frames % sizes.middle_frames or BLOCK_FRAMES % sizes.top_frames:
            raise WeightsError(f"frames divide each other and a block of {BLOCK_FRAMES}, got {sizes}")
        if sizes.heard > sizes.middle_frames:
            raise WeightsError(f"the lowest tier hears no more than a middle frame, got {sizes}")
        if sizes.predictor_order % 8 or not 0 <= sizes.predictor_order <= WINDOW:
            raise WeightsError(f"a predictor's order is a multiple of 8 to {WINDOW}, got {sizes.predictor_order}")
        return sizes


PUBLIC: Final = SampleRnnSizes(
    top_frames=64,
    middle_frames=16,
    heard=16,
    top=1024,
    middle=1024,
    channels=1024,
    embedding=256,
    conditions=1,
    predictor_order=0,
    styles=("any",),
)
"""As large as public ones in PyTorch are, the yardstick of the bench."""

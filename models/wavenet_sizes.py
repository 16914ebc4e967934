"""The sizes of a WaveNet, apart from the network so that drawing needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from engine.errors import WeightsError
from models.texture_conditions import CONDITIONS


@dataclass(frozen=True)
class WaveNetSizes:
    """Sizes of a network. Dilations are 1, 2, 4 … doubled through a cycle of layers, then again from 1."""

    layers: int = 24
    cycle: int = 12
    channels: int = 32
    skip_channels: int = 64
    head_channels: int = 128
    conditions: int = CONDITIONS
    styles: tuple[str, ...] = ("pads", "field", "tape", "rhodes")

    @property
    def dilations(self) -> tuple[int, ...]:
        return tuple(2 ** (layer % self.cycle) for layer in range(self.layers))

    @property
    def receptive_frames(self) -> int:
        return 1 + sum(self.dilations)

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
        return sizes


CLASSIC: Final = WaveNetSizes(layers=50, cycle=10, channels=32, skip_channels=512, head_channels=512, styles=("any",))
"""The usual published configuration, the yardstick of the bench."""

"""The sizes of a plan network, apart from the network so that drawing needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.errors import WeightsError

PITCH_CLASSES = 12


@dataclass(frozen=True)
class PlanSizes:
    """`width`, `layers`, `heads` of the part that looks back in time, `reach` columns far; `row_…` of the part that
    writes one column, code by code. `rows`, `groups`, `levels`: the codec's (see `CodecSizes`)."""

    width: int = 256
    layers: int = 4
    heads: int = 4
    reach: int = 250
    row_width: int = 128
    row_layers: int = 2
    row_heads: int = 4
    rows: int = 16
    groups: int = 2
    levels: tuple[int, ...] = (8, 5, 5, 5)
    styles: tuple[str, ...] = ("pads", "field", "tape", "rhodes")

    @property
    def tokens(self) -> int:
        """Codes in a column."""
        return self.rows * self.groups

    @property
    def codes(self) -> int:
        """Different codes."""
        total = 1
        for count in self.levels:
            total *= count
        return total

    @property
    def numbers(self) -> int:
        """Quantised numbers in a place of a column."""
        return self.groups * len(self.levels)

    @property
    def conditions(self) -> int:
        """Style, whether a scale is told, and the pitch classes of the scale."""
        return len(self.styles) + 1 + PITCH_CLASSES

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> PlanSizes:
        """Raises `WeightsError` when a name is missing, unknown, or no sensible size."""
        try:
            tuples = {name: tuple(values[name]) for name in ("levels", "styles")}
            sizes = PlanSizes(**{**values, **tuples})
        except (TypeError, KeyError) as error:
            raise WeightsError(f"these are not the sizes of a plan: {error}") from error
        counts = (sizes.width, sizes.layers, sizes.heads, sizes.reach, sizes.row_width, sizes.row_layers, sizes.rows)
        if min(counts) < 1 or sizes.width % sizes.heads or sizes.row_width % sizes.row_heads:
            raise WeightsError(f"a plan's sizes are at least 1, and its heads share the width evenly, got {sizes}")
        return sizes

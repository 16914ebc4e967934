"""What a measurement is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit, and what it is to be compared with: a limit to keep, or a reference measured alongside."""

    value: float
    unit: str
    limit: float | None = None
    better: Literal["more", "less"] = "less"
    reference: float | None = None
    reference_is: str = ""

    @property
    def kept(self) -> bool:
        """Whether the limit is kept; True where there is none."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.better == "more" else self.value <= self.limit

"""What a measurement is."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

REPETITIONS: Final = 3
"""Few, of which the median counts: one that something else disturbed is not it."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value with its unit, beside a reference that was measured in the same run: a peer, or what physics allows.

    How good a value is depends on the machine. How it stands to its reference hardly does: so only the ratio is judged,
    by `at_least` or `at_most`; a row that has neither is for information.
    """

    value: float
    unit: str
    reference: float
    reference_is: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        """Value over reference; 0 where the value is 0, whatever the reference."""
        if self.value == 0:
            return 0.0
        return self.value / self.reference if self.reference else float("inf")

    @property
    def is_judged(self) -> bool:
        return self.at_least is not None or self.at_most is not None

    @property
    def kept(self) -> bool:
        """Whether the ratio is where it is promised to be; True where nothing is promised."""
        enough = self.at_least is None or self.ratio >= self.at_least
        return enough and (self.at_most is None or self.ratio <= self.at_most)

    @property
    def verdict(self) -> str:
        return ("kept" if self.kept else "missed") if self.is_judged else ""

    @property
    def promise(self) -> str:
        """What the ratio is judged by, for people."""
        least = f"≥ {self.at_least:g}" if self.at_least is not None else ""
        return least or (f"≤ {self.at_most:g}" if self.at_most is not None else "")

    def as_dict(self) -> dict[str, Any]:
        """As it stands in `build/bench.json`."""
        row = {"value": self.value, "unit": self.unit, "reference": self.reference, "reference_is": self.reference_is}
        return row | {"ratio": self.ratio, "promise": self.promise, "verdict": self.verdict}


def median(measure: Callable[[], float]) -> float:
    """Of a few repetitions."""
    return statistics.median(measure() for _ in range(REPETITIONS))

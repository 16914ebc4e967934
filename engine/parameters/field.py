"""A number that can be set: range, default, unit and curve, as a pydantic field. Modelled on norns' control specs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

Curve = Literal["linear", "log"]


def control(low: float, high: float, default: float, unit: str, about: str, curve: Curve = "linear") -> Any:
    """A float parameter with an inclusive range; `curve` is how it morphs and how a fader is drawn."""
    return Field(default, ge=low, le=high, description=about, json_schema_extra={"unit": unit, "curve": curve})

"""The effects' parameters, read from `engine/sound/layers/effects/NAME.yaml`: one file per effect, beside its pyo code.

A file that is put there is an effect: moods, OSC, OSCQuery, the surface's pages and the documentation find it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import EffectError
from engine.files.checked_yaml import read_document
from engine.files.paths import EFFECTS_FOLDER
from engine.parameters.field import Curve, control
from engine.parameters.stems import RETURNS

Kind = Literal["insert", "bus", "return"]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Parameter(BaseModel):
    """One number of an effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    low: float
    high: float
    default: float
    unit: str
    about: str = Field(min_length=1, max_length=100)
    curve: Curve = "linear"

    @model_validator(mode="after")
    def _in_range(self) -> Parameter:
        if not self.low <= self.default <= self.high or self.low == self.high:
            raise ValueError(f"the default {self.default:g} must lie from low {self.low:g} to high {self.high:g}")
        if self.curve == "log" and self.low <= 0.0:
            raise ValueError(f"a log curve needs a low above 0, not {self.low:g}")
        return self

    @property
    def field(self) -> Any:
        """As a field of the settings."""
        return control(self.low, self.high, self.default, self.unit, self.about, self.curve)


class Effect(BaseModel):
    """What `NAME.yaml` says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    kind: Kind
    """Insert: in every strip, before its level. Return: fed by what strips send. Bus: fed by strips, back into them."""
    place: int = 0
    """Inserts are passed from the lowest to the highest."""
    page: str = Field(pattern=r"^[a-z]{1,12}$")
    """Of the surface, for its parameters."""
    layer: Mapping[str, Parameter] = Field(default_factory=dict)
    """By name: parameters that every layer has for itself, at `/layer/STEM/NAME`."""
    shared: Mapping[str, Parameter] = Field(default_factory=dict)
    """By name: parameters of the effect as a whole, at `/effects/NAME`."""


def read_effects(folder: Path) -> dict[str, Effect]:
    """Every effect of a folder by name: inserts in the order they are passed, then buses, then returns as in reels.

    Raises EffectError that names file, line and key.
    """
    paths = sorted(folder.glob("*.yaml"))
    found = {path.stem: read_document(path, Effect, EffectError, "effect").model for path in paths}
    owners: dict[tuple[str, str], str] = {}
    for name, effect in found.items():
        if effect.kind == "return" and name not in RETURNS:
            raise EffectError(f"{folder / name}.yaml: a return is a stem; add a line {name!r} to stems.txt")
        for where, parameters in (("layer", effect.layer), ("shared", effect.shared)):
            for parameter in parameters:
                _check(parameter, folder / f"{name}.yaml", owners.setdefault((where, parameter), name), name)
    return dict(sorted(found.items(), key=lambda item: _order(*item)))


def _check(parameter: str, path: Path, owner: str, name: str) -> None:
    if not _NAME.fullmatch(parameter):
        raise EffectError(f"{path}: a parameter is called {parameter!r}; use small letters, digits and _")
    if owner != name:
        raise EffectError(f"{path}: {parameter!r} is a parameter of the effect {owner!r} already; give it another name")


def _order(name: str, effect: Effect) -> tuple[int, int, str]:
    if effect.kind == "return":
        return (2, RETURNS.index(name), name)
    return (0 if effect.kind == "insert" else 1, effect.place, name)


@cache
def effects() -> dict[str, Effect]:
    """The effects there are; see `read_effects`."""
    return read_effects(EFFECTS_FOLDER)


def layer_fields() -> dict[str, Any]:
    """Fields of every layer's settings."""
    return _fields(effect.layer for effect in effects().values())


def shared_fields() -> dict[str, Any]:
    """Fields of the settings that all layers share."""
    return _fields(effect.shared for effect in effects().values())


def _fields(groups: Iterable[Mapping[str, Parameter]]) -> dict[str, Any]:
    return {name: (float, parameter.field) for group in groups for name, parameter in group.items()}

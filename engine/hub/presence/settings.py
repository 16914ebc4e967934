"""Sensors and what they do, as a file: `presets/sensors/NAME.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from engine.errors import PresenceError
from engine.files.checked_yaml import nearest, read_document
from engine.files.named_presets import preset_names, preset_path
from engine.files.paths import SENSORS_FOLDER
from engine.parameters.addresses import ROOM, SOUND
from engine.parameters.sound import Settings
from engine.parameters.titles import OneLine

MOVABLE: Final = {row.path: row for row in (*SOUND, *ROOM) if row.kind == "float" and row.path != "/room/fade_s"}
"""Addresses that a sensor may move."""

SensorName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class SensorSettings(Settings):
    """`low` is what the sensor says in an empty room, `high` in a full one; `high` may be the smaller."""

    low: float = 0.0
    high: float = 1.0
    dead: float = Field(0.05, ge=0.0, le=0.5)
    """Share of the range: smaller changes are not followed, and less than this counts as an empty room."""
    rise_s: float = Field(2.0, ge=0.0, le=600.0)
    fall_s: float = Field(10.0, ge=0.0, le=3600.0)
    timeout_s: float = Field(60.0, gt=0.0, le=86_400.0)
    """A sensor that is silent for this long counts as one that sees an empty room."""

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.low == self.high:
            raise ValueError("low and high must differ")
        return self


class Effect(Settings):
    """What `parameter` becomes when the sensor sees everybody: moved `by` so much in its unit, or so many `times`."""

    sensor: SensorName
    parameter: str
    by: float | None = None
    times: float | None = Field(None, gt=0.0, le=1000.0)

    @model_validator(mode="after")
    def _says_how_far(self) -> Self:
        if (self.by is None) == (self.times is None):
            raise ValueError("give either by (in the parameter's unit) or times (a factor)")
        if self.parameter not in MOVABLE:
            near = nearest(self.parameter, tuple(MOVABLE))
            raise ValueError(f"parameter {self.parameter!r} is no number that can be moved.{near}")
        if self.times is not None and (MOVABLE[self.parameter].low or 0.0) < 0.0:
            raise ValueError(f"times makes no sense for {self.parameter}, which may be negative; give by")
        return self


class PresenceSettings(Settings):
    """A file in `presets/sensors`."""

    title: OneLine = Field(min_length=1, max_length=40)
    about: str = Field("", max_length=200)
    sensors: dict[SensorName, SensorSettings] = Field(min_length=1, max_length=32)
    effects: tuple[Effect, ...] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _knows_its_sensors(self) -> Self:
        for effect in self.effects:
            if effect.sensor not in self.sensors:
                near = nearest(effect.sensor, tuple(self.sensors))
                raise ValueError(f"effect on {effect.parameter}: no sensor is called {effect.sensor!r}.{near}")
        return self


def list_sensors() -> tuple[str, ...]:
    return preset_names(SENSORS_FOLDER)


def sensors_path(name_or_path: str) -> Path:
    """The file, by its name or by a path that ends in .yaml. Raises PresenceError for a name there is not."""
    return preset_path(name_or_path, SENSORS_FOLDER, "sensors file", PresenceError)


def read_sensors(name_or_path: str) -> PresenceSettings:
    """By name, or by a path that ends in .yaml. Raises PresenceError with one line per thing that is wrong."""
    path = sensors_path(name_or_path)
    return read_document(path, PresenceSettings, PresenceError, "sensors file").model

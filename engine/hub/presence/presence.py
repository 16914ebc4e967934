"""From what sensors say to what the music becomes: smoothed, patient, and never in the way of hands.

Sensors move parameters away from where hands and moods have put them, and back again. Faders show where they were put.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import ControlError
from engine.hub.presence.settings import MOVABLE, PresenceSettings, SensorSettings
from engine.parameters.address import Value

STEPS: Final = 50
"""Presence goes from 0 to 1 in so many steps, so that parameters move often enough to be smooth and no oftener."""


@dataclass
class Sensor:
    """One sensor over time; seconds are monotonic."""

    settings: SensorSettings
    wanted: float = 0.0
    level: float = 0.0
    heard_s: float = -math.inf
    stepped_s: float = 0.0

    def hear(self, number: float, now_s: float) -> None:
        """It says something. Changes within the dead zone are not followed."""
        settings = self.settings
        share = min(1.0, max(0.0, (number - settings.low) / (settings.high - settings.low)))
        self.heard_s = now_s
        if share <= settings.dead:
            self.wanted = 0.0
        elif share >= 1.0 or abs(share - self.wanted) > settings.dead:
            self.wanted = share

    def step(self, now_s: float) -> float:
        """Presence now, 0 to 1."""
        if now_s - self.heard_s > self.settings.timeout_s:
            self.wanted = 0.0
        passed_s, self.stepped_s = max(0.0, now_s - self.stepped_s), now_s
        time_s = self.settings.rise_s if self.wanted > self.level else self.settings.fall_s
        share = 1.0 - math.exp(-passed_s / time_s) if time_s > 0.0 else 1.0
        self.level += share * (self.wanted - self.level)
        return self.shown_level

    @property
    def shown_level(self) -> float:
        """Presence in steps."""
        return round(self.level * STEPS) / STEPS


class Presence:
    """All sensors of a file. Without a file there are none, and every value stays as it is."""

    def __init__(self, settings: PresenceSettings | None = None, now_s: float = 0.0) -> None:
        sensors = settings.sensors if settings else {}
        self._sensors = {name: Sensor(one, stepped_s=now_s) for name, one in sensors.items()}
        self._effects = settings.effects if settings else ()
        self.levels = dict.fromkeys(self._sensors, 0.0)
        """Presence by sensor, 0 to 1, as of the last step."""

    def adopt(self, settings: PresenceSettings, now_s: float) -> frozenset[str]:
        """Go on after another file; a sensor that stays keeps what it has seen. Which addresses that may concern."""
        before = {effect.parameter for effect in self._effects}
        for name, one in settings.sensors.items():
            if name in self._sensors:
                self._sensors[name].settings = one
            else:
                self._sensors[name] = Sensor(one, stepped_s=now_s)
        self._sensors = {name: self._sensors[name] for name in settings.sensors}
        self.levels = {name: self.levels.get(name, 0.0) for name in settings.sensors}
        self._effects = settings.effects
        return frozenset(before | {effect.parameter for effect in self._effects})

    def hear(self, name: str, arguments: tuple[object, ...], now_s: float) -> None:
        """`/sensor/NAME` came. Raises ControlError."""
        sensor = self._sensors.get(name)
        if sensor is None:
            known = ", ".join(self._sensors) or "none; name a file of sensors with --sensors"
            raise ControlError(f"/sensor/{name}: there is no such sensor; there are {known}")
        number = arguments[0] if len(arguments) == 1 else None
        if not isinstance(number, int | float) or not math.isfinite(number):
            raise ControlError(f"/sensor/{name} takes one number, but {arguments!r} came")
        sensor.hear(float(number), now_s)

    def step(self, now_s: float) -> frozenset[str]:
        """Let time pass; the addresses that are moved otherwise now."""
        levels = {name: sensor.step(now_s) for name, sensor in self._sensors.items()}
        changed = {name for name, level in levels.items() if level != self.levels[name]}
        self.levels = levels
        return frozenset(effect.parameter for effect in self._effects if effect.sensor in changed)

    def moved(self, path: str, value: Value) -> Value:
        """What becomes of a value that hands or moods have put there."""
        number = value
        for effect in self._effects:
            level = self.levels[effect.sensor]
            if effect.parameter == path and level > 0.0:
                moved = float(number) + level * effect.by if effect.by is not None else float(number)
                number = moved * effect.times**level if effect.times is not None else moved
        if number is value:
            return value
        row = MOVABLE[path]
        low, high = (-math.inf if row.low is None else row.low), (math.inf if row.high is None else row.high)
        return min(max(float(f"{float(number):.6g}"), low), high)

    def all_moved(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {path: self.moved(path, value) for path, value in values.items()}

    def to_json(self) -> dict[str, list[float]]:
        """Of each sensor: where it was seen to go, where it is, when it was heard and stepped."""
        sensors = self._sensors.items()
        return {name: [one.wanted, one.level, max(one.heard_s, -1e9), one.stepped_s] for name, one in sensors}

    def restore(self, memory: Mapping[str, list[float]]) -> None:
        """Go on where `to_json` was told."""
        for name, (wanted, level, heard_s, stepped_s) in memory.items():
            if sensor := self._sensors.get(name):
                sensor.wanted, sensor.level, sensor.heard_s, sensor.stepped_s = wanted, level, heard_s, stepped_s
                self.levels[name] = sensor.shown_level

    def __str__(self) -> str:
        """For people, for instance "door 60 %"."""
        return ", ".join(f"{name} {round(100 * level)} %" for name, level in self.levels.items())

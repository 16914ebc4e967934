"""How numbers glide: each travels to its target on its own scale, setting out and arriving gently. Redirected on the
way, it goes on from where it is and as fast as it is.

What sounds all the time (layers, effects) is asked for at every step; what shapes notes (tempo, touch, densities,
chances) when a phrase begins. Everything else changes at once, or with the phrase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Final

from engine.parameters.address import Value
from engine.parameters.addresses import SOUND, values_of
from engine.parameters.scaling import from_scale, scale_of, to_scale
from engine.parameters.sound import SoundSettings

_WITH_A_PHRASE: Final = ("/performer/tempo", "/performer/velocity")
GLIDING: Final = {
    row.path: scale_of(row)
    for row in SOUND
    if row.kind == "float"
    and (row.path.startswith(("/layer/", "/effects/", "/conductor/", "/voice/")) or row.path in _WITH_A_PHRASE)
}
"""Addresses of the numbers that glide, with their scales. What a performer is asked for (temperature, density and
the like) is not among them: a phrase asked for ahead would have to be asked for anew at every step of the way."""
NOTE_NUMBERS: Final = tuple(path for path in GLIDING if not path.startswith(("/layer/", "/effects/")))
"""Those that are looked at only when a phrase begins."""


_LIMITS: Final = {
    row.path: (to_scale(GLIDING[row.path], row.low or 0.0), to_scale(GLIDING[row.path], row.high or 0.0))
    for row in SOUND
    if row.path in GLIDING
}


@dataclass(slots=True)
class _Journey:
    """A cubic (Hermite) that sets out at a given speed and arrives at rest; positions are on the number's own scale."""

    start: float
    speed_per_s: float
    target: float
    length_s: float
    passed_s: float = 0.0

    def at(self, passed_s: float) -> tuple[float, float]:
        """Position and speed after so many seconds."""
        u = min(1.0, passed_s / self.length_s)
        way, carried = self.target - self.start, self.speed_per_s * self.length_s
        place = self.start + way * u * u * (3.0 - 2.0 * u) + carried * u * (1.0 - u) ** 2
        slope = way * 6.0 * u * (1.0 - u) + carried * (1.0 - u) * (1.0 - 3.0 * u)
        return place, slope / self.length_s


Moving = tuple[float, float, float, float, float, float, float]


class Glide:
    """Where each gliding number stands."""

    def __init__(self, settings: SoundSettings) -> None:
        self._targets = _numbers(values_of(settings))
        self._values = dict(self._targets)
        self._journeys: dict[str, _Journey] = {}
        self._speeds: dict[str, float] = {}

    def aim(self, settings: SoundSettings, glide_s: float) -> None:
        """Travel to `settings` in `glide_s`; numbers whose target did not change keep their journey."""
        targets = _numbers(values_of(settings))
        for path, target in targets.items():
            if target != self._targets[path]:
                scale = GLIDING[path]
                start, end = to_scale(scale, self._values[path]), to_scale(scale, target)
                self._journeys[path] = _Journey(start, self._speeds.get(path, 0.0), end, max(glide_s, 1e-3))
        self._targets = targets

    @property
    def journeys(self) -> dict[str, Moving]:
        """Of each number on its way: start, speed there, target, length and passed seconds, value and speed now."""
        return {
            path: (*astuple(journey), self._values[path], self._speeds.get(path, 0.0))
            for path, journey in self._journeys.items()
        }

    def resume(self, journeys: Mapping[str, Moving]) -> None:
        """Go on with `journeys` as another gave them; all other numbers are at their targets."""
        for path, (start, speed_per_s, target, length_s, passed_s, value, speed) in journeys.items():
            if path in GLIDING:
                self._journeys[path] = _Journey(start, speed_per_s, target, length_s, passed_s)
                self._values[path], self._speeds[path] = value, speed

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        for path, journey in list(self._journeys.items()):
            journey.passed_s += seconds
            self._values[path], speed = self._at(path, journey, journey.passed_s)
            self._speeds[path] = speed
            if journey.passed_s >= journey.length_s:
                del self._journeys[path], self._speeds[path]

    def values(self, ahead_s: float = 0.0) -> dict[str, float]:
        """The numbers as they stand, or as they will in so many seconds, by address."""
        if not ahead_s:
            return dict(self._values)
        later = {path: self._at(path, one, one.passed_s + ahead_s)[0] for path, one in self._journeys.items()}
        return {**self._values, **later}

    def _at(self, path: str, journey: _Journey, passed_s: float) -> tuple[float, float]:
        """Value, within its range, and speed."""
        if passed_s >= journey.length_s:
            return self._targets[path], 0.0
        place, speed = journey.at(passed_s)
        low, high = _LIMITS[path]
        return from_scale(GLIDING[path], min(max(place, low), high)), speed


def _numbers(values: Mapping[str, Value]) -> dict[str, float]:
    return {path: float(values[path]) for path in GLIDING}

"""The loudspeakers of a room, as its preset in `presets/rooms/NAME.yaml` gives them, checked in full."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from engine.parameters.sound import Settings

MOST_LOUDSPEAKERS = 64
LONGEST_DELAY_MS = 500.0
SOUND_M_PER_S = 343.0
"""In dry air of 20 degrees."""
NEAREST_DEG = 1.0


class Part(Settings):
    """Base: what is read from a file does not change any more."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


class Band(Part):
    """One bell of an equaliser, as in the Audio EQ Cookbook: `q` is that of a boost, and of a cut its mirror image."""

    hz: float = Field(ge=20.0, le=20_000.0)
    gain_db: float = Field(ge=-18.0, le=12.0)
    q: float = Field(ge=0.3, le=16.0)

    @model_validator(mode="after")
    def _has_a_complex_pole(self) -> Self:
        lowest = 0.505 * 10.0 ** (-self.gain_db / 40.0)
        if self.q < lowest:
            raise ValueError(f"a gain of {self.gain_db:g} dB needs a q of {lowest:.2f} or more; two bands can share it")
        return self


class Loudspeaker(Part):
    """Where it is, seen from the listener: `azimuth_deg` 0 is ahead and 90 on the right; `x_m` right, `y_m` ahead."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    channel: int = Field(ge=1, le=128)
    azimuth_deg: float | None = Field(None, ge=-360.0, le=360.0)
    distance_m: float | None = Field(None, gt=0.0, le=200.0)
    x_m: float | None = Field(None, ge=-200.0, le=200.0)
    y_m: float | None = Field(None, ge=-200.0, le=200.0)
    trim_db: float = Field(0.0, ge=-40.0, le=6.0)
    delay_ms: float = Field(0.0, ge=0.0, le=LONGEST_DELAY_MS)
    low_cut_hz: float | None = Field(None, ge=20.0, le=1000.0)
    eq: Annotated[tuple[Band, ...], Field(max_length=8)] = ()
    low_pass_hz: float | None = Field(None, ge=30.0, le=300.0)
    """Given for a loudspeaker of the lowest notes only: it plays the whole room up to there, and stands anywhere."""

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        polar, plane = (self.azimuth_deg, self.distance_m), (self.x_m, self.y_m)
        if any(value is not None for value in polar) and any(value is not None for value in plane):
            raise ValueError("a place both by azimuth_deg and by x_m, y_m; keep one of them")
        if (self.x_m is None) != (self.y_m is None):
            raise ValueError("x_m and y_m belong together; give both")
        if self.azimuth_deg is None and self.x_m is None and self.low_pass_hz is None:
            raise ValueError("no place; give azimuth_deg (and distance_m), or x_m and y_m")
        return self

    @property
    def is_lfe(self) -> bool:
        return self.low_pass_hz is not None

    @property
    def place_m(self) -> tuple[float, float]:
        """Right and ahead of the listener; a distance that is not given is 2 m."""
        if self.x_m is not None and self.y_m is not None:
            return self.x_m, self.y_m
        turn, far = math.radians(self.azimuth_deg or 0.0), self.distance_m or 2.0
        return far * math.sin(turn), far * math.cos(turn)

    @property
    def direction_deg(self) -> float:
        """-180 to 180, clockwise from ahead."""
        if self.azimuth_deg is not None:
            return (self.azimuth_deg + 180.0) % 360.0 - 180.0
        x_m, y_m = self.place_m
        return math.degrees(math.atan2(x_m, y_m))


class Loudspeakers(Part):
    """`ring`: around the listener, sources go from one to the next (VBAP). `free`: anywhere; the nearer to a source,
    the louder (DBAP)."""

    panning: Literal["ring", "free"] = "ring"
    ceiling_db: float = Field(-1.0, ge=-20.0, le=-0.1)
    align: bool = False
    """Delay the nearer ones, so that all arrive together at the listener."""
    blur_m: float = Field(0.5, ge=0.05, le=10.0)
    """In a free room: how near a source comes to a loudspeaker; more lets more of them play."""
    speakers: Annotated[tuple[Loudspeaker, ...], Field(min_length=1, max_length=MOST_LOUDSPEAKERS)]

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        seen: dict[str | int, str] = {}
        for one in self.speakers:
            for what, key in (("name", one.name), ("channel", one.channel)):
                if key in seen:
                    raise ValueError(f"{what} {key} is given to two loudspeakers, {seen[key]} and {one.name}")
                seen[key] = one.name
        if not self.placed:
            raise ValueError("only loudspeakers for low notes (low_pass_hz); one at least must play everything")
        if self.panning == "ring":
            self._check_ring()
        for one in self.speakers:
            if self.delay_ms(one) > LONGEST_DELAY_MS:
                raise ValueError(f"{one.name} would be delayed by {self.delay_ms(one):.0f} ms; 500 is the most")
        return self

    def _check_ring(self) -> None:
        ring = self.ring
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True):
            gap = (other.direction_deg - one.direction_deg) % 360.0
            if len(ring) > 1 and min(gap, 360.0 - gap) < NEAREST_DEG:
                raise ValueError(
                    f"{one.name} and {other.name} stand in the same direction; panning: free places by distance"
                )

    @property
    def placed(self) -> tuple[Loudspeaker, ...]:
        """Those over which sources are spread, in the order of the file."""
        return tuple(one for one in self.speakers if not one.is_lfe)

    @property
    def ring(self) -> tuple[Loudspeaker, ...]:
        """The same, clockwise."""
        return tuple(sorted(self.placed, key=lambda one: one.direction_deg))

    @property
    def channels(self) -> int:
        """How many outputs the card must have."""
        return max(one.channel for one in self.speakers)

    def delay_ms(self, one: Loudspeaker) -> float:
        """What is set, and with `align` what the way from the farthest takes longer."""
        if not self.align or (one.is_lfe and one.azimuth_deg is None and one.x_m is None):
            return one.delay_ms
        farthest_m = max(math.hypot(*other.place_m) for other in self.placed)
        early_ms = 1000.0 * (farthest_m - math.hypot(*one.place_m)) / SOUND_M_PER_S
        return one.delay_ms + max(0.0, early_ms)

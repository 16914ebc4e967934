"""What a room's file says of instruments with a MIDI port, of zones, and of patches in the way of stems."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from engine.parameters.field import control
from engine.parameters.loudspeakers import Part
from engine.parameters.sound import Settings
from engine.parameters.stems import STEMS

MOST_ZONES = 16


class Instrument(Part):
    """How to play what hangs on one MIDI port.

    `latency_ms` passes from a message to the sound, for the hardest stroke; `soft_latency_ms` for the softest, where
    the hammer takes longer. Messages leave so much before the sound of the loudspeakers. It is negative where the
    loudspeakers are later than the instrument.
    """

    latency_ms: float = control(-1000.0, 500.0, 0.0, "ms", "from message to sound, at the hardest stroke")
    soft_latency_ms: float | None = Field(None, ge=-1000.0, le=500.0)
    velocity: float = control(0.1, 2.0, 1.0, "ratio", "how hard the keys are struck")
    softest: int = Field(1, ge=1, le=100)
    """No key is struck more softly: some hammers do not reach the string."""
    channel: int = Field(1, ge=1, le=16)
    pedal: bool = True

    def ahead_s(self, velocity: int) -> float:
        """How long before the sound a message leaves; velocity 0 lets a key go, and is never ahead of its stroke."""
        soft_ms = self.latency_ms if self.soft_latency_ms is None else self.soft_latency_ms
        if velocity == 0:
            return min(self.latency_ms, soft_ms) / 1000.0
        return (self.latency_ms + (soft_ms - self.latency_ms) * (127 - velocity) / 126) / 1000.0

    def struck(self, velocity: int) -> int:
        """The velocity that is sent for one of the score."""
        return max(self.softest, min(127, round(self.velocity * velocity)))


class Zone(Part):
    """Another room with a mix of its own. The level comes after the faders of the stems and that of the whole room."""

    stems: Annotated[tuple[str, ...], Field(min_length=1)]
    level_db: float = control(-60.0, 12.0, 0.0, "dB", "level of the zone; -60 is silence")
    mono: bool = False
    """Both sides in one, for a single loudspeaker."""

    @field_validator("stems")
    @classmethod
    def _exist(cls, stems: tuple[str, ...]) -> tuple[str, ...]:
        for stem in stems:
            if stem not in STEMS:
                raise ValueError(f"{stem!r} is no stem; stems: {', '.join(STEMS)}")
        if len(set(stems)) < len(stems):
            raise ValueError("a stem twice; name each once")
        return stems


ZoneName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class Elsewhere(Settings):
    """The part of a room's file that concerns what plays beside the loudspeakers."""

    instruments: dict[str, Instrument] = Field(default_factory=dict)
    """By the name that moods give a port (`/voice/VOICE/midi_out`)."""
    zones: Annotated[dict[ZoneName, Zone], Field(max_length=MOST_ZONES)] = Field(default_factory=dict)
    """Other rooms with mixes of their own, by name; `run --zones` plays them."""
    inserts: dict[str, Annotated[str, Field(min_length=1, max_length=500)]] = Field(default_factory=dict)
    """Pd patches in the way of stems, by stem; a path is one from the room's file on."""

    @field_validator("inserts")
    @classmethod
    def _are_stems(cls, inserts: dict[str, str]) -> dict[str, str]:
        for stem in inserts:
            if stem not in STEMS:
                raise ValueError(f"{stem!r} is no stem; stems: {', '.join(STEMS)}")
        return inserts

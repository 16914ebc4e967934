"""What the room (Pd) can be set to, and its presets in `presets/rooms/NAME.yaml`.

A mood decides what is played; a room preset decides how it comes out of these loudspeakers: fader per
stem, overall level, reverberation of the room itself, low cut. Mood changes leave it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from engine.parameters.loudspeakers import Loudspeakers
from engine.parameters.sound import Settings, control
from engine.parameters.stems import STEMS
from engine.parameters.titles import OneLine


class RoomSettings(Settings):
    level_db: float = control(-60.0, 6.0, 0.0, "dB", "level of everything; -60 is silence")
    wet: float = control(0.0, 1.0, 0.15, "ratio", "reverberation that the room adds to everything")
    lowcut_hz: float = control(20.0, 300.0, 30.0, "Hz", "nothing below this reaches the loudspeakers", "log")
    fade_s: float = control(0.2, 300.0, 2.0, "s", "how long the fade to silence, and back, takes", "log")
    silent: bool = Field(default=False, description="1 fades everything to silence, 0 brings it back")


class StemSettings(Settings):
    level_db: float = control(-60.0, 12.0, 0.0, "dB", "fader of the stem in the room; -60 is silence")
    mute: bool = Field(default=False, description="1 silences the stem at once")
    solo: bool = Field(default=False, description="1 silences all stems that have no solo")
    azimuth_deg: float = control(-180.0, 180.0, 0.0, "degrees", "where the stem is: 0 ahead, 90 right, 180 behind")
    width_deg: float = control(0.0, 180.0, 60.0, "degrees", "how far its left and right are apart")
    distance: float = control(0.0, 1.0, 1.0, "ratio", "1 at the loudspeakers, 0 in the middle of the room")
    wander_deg: float = control(0.0, 180.0, 0.0, "degrees", "how far it wanders to the left and right of its place")
    period_s: float = control(10.0, 600.0, 90.0, "s", "how long it takes to wander there and back", "log")


class StemsSettings(Settings):
    """One entry per stem, in reel order."""

    piano: StemSettings = Field(default_factory=StemSettings)
    reverse: StemSettings = Field(default_factory=StemSettings)
    cello: StemSettings = Field(default_factory=StemSettings)
    bells: StemSettings = Field(default_factory=StemSettings)
    chords: StemSettings = Field(default_factory=StemSettings)
    guitar: StemSettings = Field(default_factory=StemSettings)
    drums: StemSettings = Field(default_factory=StemSettings)
    texture_1: StemSettings = Field(default_factory=StemSettings)
    texture_2: StemSettings = Field(default_factory=StemSettings)
    texture_3: StemSettings = Field(default_factory=StemSettings)


class RoomState(Settings):
    """Everything that is Pd's: heard at once, since reels carry stems rather than a mix."""

    room: RoomSettings = Field(default_factory=RoomSettings)
    stem: StemsSettings = Field(default_factory=StemsSettings)


class RoomPreset(RoomState):
    """A file in `presets/rooms`."""

    title: Annotated[OneLine, Field(min_length=1, max_length=40)]
    about: Annotated[str, Field(max_length=200)] = ""
    loudspeakers: Loudspeakers | None = None
    """Without them the room is two loudspeakers, as they are."""


def heard_stems(values: Mapping[str, object]) -> frozenset[str]:
    """Stems that mutes and solos let through, from values by address."""
    solos = {stem for stem in STEMS if values.get(f"/stem/{stem}/solo")}
    return frozenset(stem for stem in solos or STEMS if not values.get(f"/stem/{stem}/mute"))

"""What the room (Pd) can be set to, and its presets in `presets/rooms/NAME.yaml`.

A mood decides what is played; a room preset decides how it comes out of these loudspeakers: fader per
stem, overall level, reverberation of the room itself, low cut. Mood changes leave it alone.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from engine.settings import Settings, control


class RoomSettings(Settings):
    level_db: float = control(-60.0, 6.0, 0.0, "dB", "level of everything; -60 is silence")
    wet: float = control(0.0, 1.0, 0.15, "ratio", "reverberation that the room adds to everything")
    lowcut_hz: float = control(20.0, 300.0, 30.0, "Hz", "nothing below this reaches the loudspeakers", "log")


class StemSettings(Settings):
    level_db: float = control(-60.0, 12.0, 0.0, "dB", "fader of the stem in the room; -60 is silence")
    mute: bool = Field(False, description="1 silences the stem at once")


def stem() -> Any:
    return Field(default_factory=lambda: StemSettings())


class StemsSettings(Settings):
    """One entry per stem, in reel order."""

    piano: StemSettings = stem()
    reverse: StemSettings = stem()
    cello: StemSettings = stem()
    bells: StemSettings = stem()
    chords: StemSettings = stem()
    guitar: StemSettings = stem()
    drums: StemSettings = stem()
    texture_1: StemSettings = stem()
    texture_2: StemSettings = stem()
    texture_3: StemSettings = stem()


class RoomState(Settings):
    """Everything that is Pd's: heard at once, since reels carry stems rather than a mix."""

    room: RoomSettings = Field(default_factory=RoomSettings)
    stem: StemsSettings = Field(default_factory=StemsSettings)


class RoomPreset(RoomState):
    """A file in `presets/rooms`."""

    title: Annotated[str, Field(min_length=1, max_length=40)]
    about: Annotated[str, Field(max_length=200)] = ""

"""What the room (Pd) can be set to, and its presets in `presets/rooms/NAME.yaml`.

A mood decides what is played; a room preset decides how it comes out of these loudspeakers: fader per
stem, overall level, reverberation of the room itself, low cut. Mood changes leave it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model

from engine.parameters.elsewhere import Elsewhere
from engine.parameters.field import control
from engine.parameters.loudspeakers import Loudspeakers
from engine.parameters.scaling import gain_of_db
from engine.parameters.sound import Settings
from engine.parameters.stems import LAYERS, RETURNS, STEMS
from engine.parameters.titles import OneLine


class RoomSettings(Settings):
    level_db: float = control(-60.0, 6.0, 0.0, "dB", "level of everything; -60 is silence")
    wet: float = control(0.0, 1.0, 0.15, "ratio", "reverberation that the room adds to everything")
    lowcut_hz: float = control(20.0, 300.0, 30.0, "Hz", "nothing below this reaches the loudspeakers", "log")
    fade_s: float = control(0.2, 300.0, 2.0, "s", "how long the fade to silence, and back, takes", "log")
    silent: bool = Field(default=False, description="1 fades everything to silence, 0 brings it back")
    inserts: bool = Field(default=True, description="1 lets own patches treat their stems, 0 leaves them out")


class StemSettings(Settings):
    level_db: float = control(-60.0, 12.0, 0.0, "dB", "fader of the stem in the room; -60 is silence")
    mute: bool = Field(default=False, description="1 silences the stem at once")
    solo: bool = Field(default=False, description="1 silences all stems that have no solo")
    azimuth_deg: float = control(-180.0, 180.0, 0.0, "degrees", "where the stem is: 0 ahead, 90 right, 180 behind")
    width_deg: float = control(0.0, 180.0, 60.0, "degrees", "how far its left and right are apart")
    distance: float = control(0.0, 1.0, 1.0, "ratio", "1 at the loudspeakers, 0 in the middle of the room")
    wander_deg: float = control(0.0, 180.0, 0.0, "degrees", "how far it wanders to the left and right of its place")
    period_s: float = control(10.0, 600.0, 90.0, "s", "how long it takes to wander there and back", "log")


_FIELDS: Any = {name: (StemSettings, Field(default_factory=StemSettings)) for name in STEMS}
_Stems: Any = create_model("_Stems", __base__=Settings, **_FIELDS)


class StemsSettings(_Stems):
    """One entry per stem, in reel order."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> StemSettings: ...


class RoomState(Settings):
    """Everything that is Pd's: heard at once, since reels carry stems rather than a mix."""

    room: RoomSettings = Field(default_factory=RoomSettings)
    stem: StemsSettings = Field(default_factory=StemsSettings)


class RoomPreset(RoomState, Elsewhere):
    """A file in `presets/rooms`."""

    title: Annotated[OneLine, Field(min_length=1, max_length=40)]
    about: Annotated[str, Field(max_length=200)] = ""
    loudspeakers: Loudspeakers | None = None
    """Without them the room is two loudspeakers, as they are."""


def heard_stems(values: Mapping[str, object]) -> frozenset[str]:
    """Stems that mutes and solos let through, from values by address.

    A solo of layers keeps the returns, which then sound of these layers alone.
    """
    solos = _solos(values)
    let_through = STEMS if not solos else solos if solos & set(RETURNS) else solos | set(RETURNS)
    return frozenset(stem for stem in let_through if not values.get(f"/stem/{stem}/mute"))


def sending_layers(values: Mapping[str, object]) -> frozenset[str]:
    """Layers that may be heard in reverbs and echo; a solo of a return cuts nothing off that it sounds of."""
    solos = _solos(values) - set(RETURNS)
    return frozenset(layer for layer in solos or LAYERS if not values.get(f"/stem/{layer}/mute"))


def send_gain(values: Mapping[str, object], layer: str) -> float:
    """What mutes, solos and the fader of a layer's stem leave of what it sends, 0 to 1: sends come after the fader."""
    if layer not in sending_layers(values):
        return 0.0
    level_db = float(str(values.get(f"/stem/{layer}/level_db", 0.0)))
    return min(1.0, gain_of_db(level_db))


def _solos(values: Mapping[str, object]) -> set[str]:
    return {stem for stem in STEMS if values.get(f"/stem/{stem}/solo")}

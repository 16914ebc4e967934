"""The instruments that voices may have: General MIDI's, played by a SoundFont, and recorded ones.

A recorded instrument is `presets/instruments/NAME.yaml`. A file that is put there is an instrument: moods, OSC,
OSCQuery, `check`, credits and the documentation find it here. One that is called like an instrument of General MIDI
plays in its place.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.errors import InstrumentError
from engine.files.checked_yaml import read_document
from engine.files.paths import INSTRUMENTS_FOLDER

PERCUSSION_BANK: Final = 128
MOST_VELOCITY: Final = 127

GeneralMidi = Literal[
    "piano", "electric_piano", "cello", "bells", "choir", "guitar", "drums", "celesta", "strings", "pad", "vibraphone"
]


class Program(NamedTuple):
    """What a SoundFont calls it: General MIDI's bank and program, counted from 0, and what makes them equally loud."""

    bank: int
    program: int
    trim_db: float


GENERAL_MIDI: Final[dict[str, Program]] = {
    "piano": Program(0, 0, -3.0),
    "electric_piano": Program(0, 4, -9.0),
    "cello": Program(0, 42, -7.0),
    "bells": Program(0, 14, -6.0),
    "choir": Program(0, 52, -5.0),
    "guitar": Program(0, 24, -5.0),
    "drums": Program(PERCUSSION_BANK, 0, 0.0),
    "celesta": Program(0, 8, -5.0),
    "strings": Program(0, 48, -5.5),
    "pad": Program(0, 89, -3.0),
    "vibraphone": Program(0, 11, 0.0),
}
"""One for every name of `GeneralMidi`; trims in dB, measured on FluidR3."""


class VelocityLayer(BaseModel):
    """Recordings that play up to a velocity."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recorded: int = Field(ge=0, le=15)
    """Number of the layer in the folder of recordings, 0 the softest."""
    velocity_to: int = Field(ge=1, le=MOST_VELOCITY)
    lowpass_hz: float = Field(20_000.0, ge=100.0, le=20_000.0)
    """Makes a softer touch duller, where one dynamic was recorded."""


class Sides(BaseModel):
    """What is done with the two sides of recordings that were made with two microphones; see `note_sides`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    mono_loss_db: float = Field(ge=0.5, le=3.0)
    """A note loses at most this when both sides are added up."""
    lowest_db: float = Field(0.0, ge=-12.0, le=12.0)
    """How much louder the left side is at the lowest key, 21."""
    highest_db: float = Field(0.0, ge=-12.0, le=12.0)
    """The same at the highest, 108; keys between lie on a line."""


class RecordedInstrument(BaseModel):
    """What `NAME.yaml` says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    about: str = Field(min_length=1, max_length=200)
    credit: str = Field(min_length=1, max_length=100)
    licence: str = Field(min_length=1, max_length=100)
    recordings: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of the folder of recordings."""
    like: GeneralMidi
    """What plays in its place where it cannot."""
    layers: tuple[VelocityLayer, ...] = Field(min_length=1)
    sides: Sides | None = None
    """Nothing: as they were recorded."""
    trim_db: float = Field(0.0, ge=-60.0, le=0.0)
    attack_s: float = Field(0.0, ge=0.0, le=5.0)
    release_s: float = Field(0.5, gt=0.0, le=20.0)
    """Until a note that is let go has fallen by 100 dB."""
    undamped_from: int = Field(128, ge=0, le=128)
    """Pitches from here on have no damper and ring on."""
    lowpass_hz: float = Field(20_000.0, ge=100.0, le=20_000.0)
    key_noise_db: float | None = Field(None, ge=-60.0, le=12.0)
    """Level of the noise of a key that comes up; nothing: no noise."""
    pedal_noise_db: float | None = Field(None, ge=-60.0, le=12.0)
    """Level of the dampers' noise as they come down; nothing: no noise."""

    @model_validator(mode="after")
    def _rising(self) -> RecordedInstrument:
        ends = [layer.velocity_to for layer in self.layers]
        if ends != sorted(set(ends)) or ends[-1] != MOST_VELOCITY:
            raise ValueError(f"velocity_to must rise from layer to layer and end at {MOST_VELOCITY}, not {ends}")
        return self


def read_instruments(folder: Path) -> dict[str, RecordedInstrument]:
    """Every recorded instrument of a folder by name. Raises InstrumentError that names file, line and key."""
    paths = sorted(folder.glob("*.yaml"))
    return {path.stem: read_document(path, RecordedInstrument, InstrumentError, "instrument").model for path in paths}


@cache
def recorded_instruments() -> dict[str, RecordedInstrument]:
    """Those that there are; see `read_instruments`."""
    return read_instruments(INSTRUMENTS_FOLDER)


def general_midi(instrument: str) -> str:
    """The name in `GENERAL_MIDI` of what plays `instrument` where its recordings cannot."""
    return instrument if instrument in GENERAL_MIDI else recorded_instruments()[instrument].like


def instrument_names() -> tuple[str, ...]:
    """All that a voice may be given: General MIDI's, then those that are only recorded."""
    names = get_args(GeneralMidi)
    return (*names, *(name for name in recorded_instruments() if name not in names))

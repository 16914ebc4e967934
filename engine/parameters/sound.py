"""Every sound parameter, once: name, unit, range, default and curve.

A mood is a set of these values; OSC addresses are their paths (`/layer/cello/level_db`); the README's
table, validation and the surface's ranges all come from here. Modelled on norns' control specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from engine.errors import StemError
from engine.files.checked_yaml import explained
from engine.files.paths import STEMS_FILE
from engine.parameters.effects import layer_fields, shared_fields
from engine.parameters.field import control
from engine.parameters.instruments import instrument_names
from engine.parameters.stems import LAYERS, STEM_TABLE, VOICES, Stem
from engine.parameters.titles import OneLine


class Settings(BaseModel):
    """Base: unknown keys are refused, values are checked whenever they are set, numbers must be finite."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True, allow_inf_nan=False)


class ScaleSettings(Settings):
    root: str = Field("D", pattern=r"^[A-G][#b]?$", description="tonic, for instance D, F# or Bb")
    mode: str = Field("major", description="name of a scale, or intervals as in 0-2-4-7-9")
    direction: Literal["nearest", "up", "down"] = Field("nearest", description="where a foreign note moves")


class PerformerSettings(Settings):
    name: str = Field(
        "satie",
        pattern=r"^[a-z][a-z0-9_]*(/[a-z]+)?$",
        description="performer, a name under models/weights, or one of its eras as in mine/early",
    )
    themes: str = Field(
        "",
        pattern=r"^([a-z][a-z0-9_]*(/[a-z]+)?)?$",
        description="performer that brings themes back, best one that remembers; empty: the one that plays",
    )
    temperature: float = control(0.5, 1.5, 0.95, "ratio", "how adventurous drawing is")
    top_p: float = control(0.5, 1.0, 0.97, "ratio", "share of probability that drawing keeps")
    density_notes_per_s: float = control(0.3, 12.0, 2.5, "notes/s", "how busy the performer is asked to be", "log")
    scale_weight: float = control(0.0, 1.0, 0.8, "ratio", "how strongly the performer is asked for the scale's notes")
    beat: float = control(0.0, 1.0, 0.25, "ratio", "how steady a beat is asked for; 0 leaves it to the performer")
    phrase_s: float = control(6.0, 60.0, 20.0, "s", "length of a drawn phrase", "log")
    quotation_notes: int = Field(
        16,
        ge=10,
        le=400,
        description="a phrase that quotes more notes in a row of what the performer learnt is drawn again",
        json_schema_extra={"unit": "notes"},
    )
    visitors: Literal["off", "continued", "repeated", "accompanied", "chords"] = Field(
        "continued",
        description="what becomes of what somebody plays on a MIDI keyboard: nothing, a continuation, that after it, "
        "itself with an accompaniment, or the harmony of all that plays",
    )
    tempo: float = control(0.4, 1.6, 1.0, "ratio", "speed of the phrase as played", "log")
    velocity: float = control(0.3, 1.3, 0.85, "ratio", "how hard the keys are struck")


class ConductorSettings(Settings):
    breath_s: float = control(0.0, 8.0, 1.0, "s", "rest between phrases")
    recall: float = control(0.0, 1.0, 0.45, "probability", "chance that a remembered phrase returns")
    answer: float = control(0.0, 1.0, 0.0, "probability", "chance that what returns is what was new just before")
    variation: float = control(0.0, 1.0, 0.5, "ratio", "how far a returning phrase is varied")
    arc_minutes: float = control(2.0, 60.0, 12.0, "min", "period of the slow swell in density and register", "log")
    arc_depth: float = control(0.0, 1.0, 0.5, "ratio", "depth of that swell")


if TYPE_CHECKING:
    Instrument = str
else:
    Instrument = Literal[instrument_names()]
    """One of the names that files give."""


class VoiceSettings(Settings):
    instrument: Instrument = Field("piano", description="instrument of this voice")
    density: float = control(0.0, 1.0, 1.0, "ratio", "share of the notes offered to this voice that it plays")
    octave: int = Field(0, ge=-2, le=2, description="octaves up or down", json_schema_extra={"unit": "octaves"})
    midi_out: str = Field(
        "",
        pattern=r"^[^\x00-\x1f\x7f]{0,60}$",
        description="MIDI port that plays this voice too, by its name or a part of it; empty: none",
    )
    midi_only: bool = Field(False, description="1 silences the voice's own sound while its MIDI port is there")


def _voice(stem: Stem) -> Any:
    started = {"instrument": stem.instrument, "density": stem.density, "octave": stem.octave}
    return (VoiceSettings, Field(default_factory=lambda: VoiceSettings.model_validate(started)))


_Voices: Any = create_model("_Voices", __base__=Settings, **{name: _voice(STEM_TABLE[name]) for name in VOICES})


class VoicesSettings(_Voices):
    """One entry per voice, as `stems.txt` lists them."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> VoiceSettings: ...


class _Strip(Settings):
    """What every channel strip has, in the order the sound passes it."""

    level_db: float = control(-60.0, 6.0, -12.0, "dB", "level; -60 is silence")
    pan: float = control(-1.0, 1.0, 0.0, "ratio", "-1 left, 1 right")
    highpass_hz: float = control(20.0, 2000.0, 20.0, "Hz", "low cut", "log")
    lowpass_hz: float = control(200.0, 20000.0, 20000.0, "Hz", "high cut", "log")
    sends: float = control(0.0, 1.0, 1.0, "ratio", "scales all that the layer sends to reverbs and echo")


_StripWithEffects: Any = create_model("_StripWithEffects", __base__=_Strip, **layer_fields())


class LayerSettings(_StripWithEffects):
    """One stereo strand in pyo. Level and pan here belong to the mood; the room has its own faders after them.

    Beside what a strip has, it holds the parameters that `engine/sound/layers/effects/*.yaml` give every layer.
    """


class TextureSettings(LayerSettings):
    file: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_*?.\- ]*$",
        description="pattern of file names in the texture folder, for instance pads*; empty: no texture",
    )
    dissonance: Literal["keep", "duck", "cut"] = Field(
        "duck", description="what becomes of stretches that clash with the scale, once the whole is moved into it"
    )
    pair: bool = Field(False, description="left untouched; right with its halves swapped and reversed")
    top: bool = Field(False, description="adds its copy an octave up above 8 kHz, if there is nothing")
    lower_noise: bool = Field(False, description="lowers noisy stretches")
    reverse: bool = Field(False, description="play the texture backwards")
    octave: int = Field(0, ge=-2, le=2, description="octaves up or down", json_schema_extra={"unit": "octaves"})


def _layer(stem: Stem) -> Any:
    kind = TextureSettings if stem.kind == "texture" else LayerSettings
    try:
        kind.model_validate(stem.layer)
    except ValidationError as problem:
        raise StemError(explained(problem, STEMS_FILE, kind, "list of stems")) from None
    return (kind, Field(default_factory=lambda: kind.model_validate(stem.layer)))


_Layers: Any = create_model("_Layers", __base__=Settings, **{name: _layer(STEM_TABLE[name]) for name in LAYERS})


class LayersSettings(_Layers):
    """One entry per layer, in reel order."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


_SharedByEffects: Any = create_model("_SharedByEffects", __base__=Settings, **shared_fields())


class EffectsSettings(_SharedByEffects):
    """What all layers share of the effects, as `engine/sound/layers/effects/*.yaml` give it."""


class SoundSettings(Settings):
    """All that a mood decides about sound."""

    scale: ScaleSettings = Field(default_factory=ScaleSettings)
    performer: PerformerSettings = Field(default_factory=PerformerSettings)
    conductor: ConductorSettings = Field(default_factory=ConductorSettings)
    voice: VoicesSettings = Field(default_factory=VoicesSettings)
    layer: LayersSettings = Field(default_factory=LayersSettings)
    effects: EffectsSettings = Field(default_factory=EffectsSettings)


class Mood(SoundSettings):
    """A preset in `presets/moods/NAME.yaml`."""

    title: Annotated[OneLine, Field(min_length=1, max_length=40)]
    about: Annotated[str, Field(max_length=200)] = ""
    colour: Annotated[str, Field(pattern=r"^(#[0-9a-f]{6})?$")] = ""
    """Of its button on the surface, as in "#7a9e9f"; without one it gets a colour by its name."""

    def sound(self) -> SoundSettings:
        """What it decides about sound, without its name."""
        return SoundSettings.model_validate(self.model_dump(include=set(SoundSettings.model_fields)))

"""What a record is: the keys of `presets/ep/NAME.yaml`, their ranges and defaults.

Moments and lengths are seconds, or bars as in `bar 9` and `4 bars`, or a section's beginning with seconds after it,
as in `return + 4`; see `engine.album.plan.clock`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field

from engine.parameters.field import control
from engine.parameters.sound import (
    EffectsSettings,
    LayersSettings,
    PerformerSettings,
    ScaleSettings,
    Settings,
    VoicesSettings,
)
from engine.parameters.stems import TEXTURES
from engine.parameters.titles import OneLine

MOST_TRACKS: Final = 20
LONGEST_S: Final = 3600.0
NAME: Final = r"^[a-z][a-z0-9_]*$"


def _moment(value: Any) -> float | str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("expected seconds, or bars as in `bar 9` or `4 bars`")  # noqa: TRY004 - pydantic wants it
    if isinstance(value, str):
        try:
            value = float(value)  # of a file, all is text until it is asked for
        except ValueError:
            return value.strip()
    if not math.isfinite(value):
        raise ValueError("expected a finite number of seconds")
    return float(value)


ThemeChange = Literal["slower", "higher", "lower", "bare", "octaves", "new_bass"]
"""Named ways in which a theme returns; see `engine.album.performance.theme_changes`."""

if TYPE_CHECKING:
    Texture = str
else:
    Texture = Literal[TEXTURES]
    """A stem that clips may lie on."""

Moment = Annotated[float | str, BeforeValidator(_moment)]


class MasterSettings(Settings):
    """What all tracks are brought to."""

    target_lufs: float = control(-36.0, -10.0, -18.0, "LUFS", "integrated loudness of each track")
    ceiling_dbtp: float = control(-9.0, -0.1, -1.0, "dBTP", "highest true peak")
    fade_out_s: float = control(0.05, 30.0, 3.0, "s", "fade at the very end of each track")


class TempoSettings(Settings):
    """How bars are counted; nothing is quantised to them."""

    bpm: float = control(20.0, 240.0, 60.0, "1/min", "beats a minute")
    beats_per_bar: int = Field(4, ge=1, le=16)


class IntoScale(Settings):
    """The texture as a whole moved, as a tape would be, to where it fits the track's scale best."""


class DropDissonant(Settings):
    """Stretches with tones foreign to the scale turned down, or cut out."""

    tolerance: float = control(0.05, 2.0, 0.35, "ratio", "how present a foreign tone may be, of the strongest other")
    gain_db: float = control(-60.0, 0.0, -30.0, "dB", "what is left of them")
    cut: bool = Field(False, description="cut out, and join what is around")


class LowerNoisy(Settings):
    """Stretches that are noise rather than tone turned down."""

    threshold: float = control(0.02, 0.6, 0.25, "ratio", "spectral flatness above which it is noise")
    gain_db: float = control(-60.0, 0.0, -18.0, "dB", "what is left of it")


class Loop(Settings):
    """Its end faded over its beginning, so that it can go round."""

    fade_s: float = control(0.1, 10.0, 2.0, "s", "length of that fade")


class TextureOperations(Settings):
    """What is done to a texture, always in this order."""

    into_scale: IntoScale | None = None
    drop_dissonant: DropDissonant | None = None
    lower_noisy: LowerNoisy | None = None
    loop: Loop | None = None


class TextureSource(Settings):
    """A texture: a file, or a recipe by which the network draws it."""

    file: str = Field("", description="audio file beside the record, in textures/ or in presets/textures")
    style: str = Field("", description="style that a network knows: pads, field, tape, rhodes …")
    network: str = Field("", description="network, a name under models/weights; the first that knows the style")
    era: str = Field("", description="early, middle or late; the last there is")
    seed: int | None = Field(None, ge=0, description="drawn from the record's seed if not given")
    seconds: float = control(2.0, 600.0, 30.0, "s", "length of each take")
    takes: int = Field(1, ge=1, le=8, description="how many are drawn side by side")
    temperature: float | None = Field(None, ge=0.05, le=3.0, description="1 as learnt; as usual if left out")
    guidance: float | None = Field(None, ge=1.0, le=8.0, description="1 as learnt; more follows style and scale closer")
    noise: float | None = Field(None, ge=0.0, le=2.0, description="1 as learnt; less is stiller; as usual if left out")
    calibration: float | None = Field(None, ge=0.0, le=2.0, description="0 leaves it out; as usual if left out")
    movement: float | None = Field(None, ge=0.5, le=2.0, description="1 as decoded; as usual if left out")
    fineness: float | None = Field(None, ge=0.0, le=1.0, description="0 hears middles of classes; as usual if left out")
    wave_temperature: float | None = Field(None, ge=0.05, le=3.0, description="1 as learnt; as usual if left out")
    in_scale: bool = Field(True, description="ask the network for the track's scale")
    operations: TextureOperations = Field(default_factory=TextureOperations)


class Clip(Settings):
    """A texture placed in time on one of the texture stems; it goes round if it is shorter than the clip."""

    texture: str
    stem: Texture
    copy_as: Literal["untouched", "halves_swapped", "octave_up"] = Field("untouched", alias="copy")
    take: int = Field(1, ge=1)
    at: Moment = 0.0
    length: Moment | None = None
    offset_s: float = control(0.0, 600.0, 0.0, "s", "where in the texture it begins")
    fade_in_s: float = control(0.0, 120.0, 2.0, "s", "fade at its beginning")
    fade_out_s: float = control(0.0, 120.0, 4.0, "s", "fade at its end")


class VocoderSettings(Settings):
    """The chords as a vocoder says them: in their pitches, with a texture for a voice."""

    carrier: Texture = Field("texture_1", description="stem that lends a voice")
    share: float = control(0.0, 1.0, 1.0, "ratio", "1: nothing of the chords' own sound is left")


class ThemeSource(Settings):
    """A tune that returns: the one of many drawings that is hummed most easily."""

    performer: PerformerSettings = Field(default_factory=PerformerSettings)
    draws: int = Field(48, ge=1, le=400, description="so many phrases are drawn, and the best tune in them is it")
    register_pitch: int = Field(71, ge=60, le=84, description="MIDI pitch about which the tune lies")


class FormWishes(Settings):
    """What a track's form is to be measured by; nothing is asked where nothing is said."""

    loudness_range_lu: float | None = Field(None, ge=0.0, le=40.0, description="at least, by EBU Tech 3342")
    pauses: int = Field(0, ge=0, le=20, description="general pauses, at least")
    theme_within_s: float | None = Field(None, ge=0.0, le=600.0, description="the theme is heard by then")
    returns: int = Field(0, ge=0, le=50, description="times that the theme comes again, at least")
    prepared_ending: bool = Field(False, description="thinner, softer, and home at the end")
    follows_plan: bool = Field(False, description="loudness, density and register go where sections say")
    recognised: bool = Field(False, description="the book that a performer knows by heart is heard")


class Section(Settings):
    """A stretch of the piano, and of the voices that follow it. What is not said is as the track says."""

    name: str = Field(pattern=NAME)
    at: Moment | None = None
    length: Moment
    about: str = ""
    midi: str = Field("", description="MIDI file beside the record, played instead of a performer's phrases")
    accompanied: bool = Field(False, description="that MIDI is a melody: the performer plays what goes with it")
    humanised: bool = Field(True, description="MIDI that a program wrote is played as hands would play it")
    again: str = Field("", description="earlier section whose phrases return, varied")
    continues: str = Field("", description="earlier section, or `track 1 SECTION`: the performer goes on from there")
    rest: bool = Field(False, description="no piano")
    theme: str = Field("", description="theme of this track, or as in `track 1 air`, that it begins with")
    changes: list[ThemeChange] = Field(default_factory=list, description="what is done to the theme this time")
    own_words: bool = Field(False, description="the performer begins the theme, and goes on in its own words")
    register_pitch: int | None = Field(None, ge=36, le=96, description="MIDI pitch about which the right hand lies")
    level_db: float = control(-60.0, 6.0, 0.0, "dB", "all layers together, reached where the section begins")
    glide_s: float = control(0.1, 60.0, 4.0, "s", "how long the way there takes")
    variation: float = control(0.0, 1.0, 0.4, "ratio", "how far what returns is varied")
    takes: int = Field(2, ge=1, le=8, description="each phrase is drawn so often, and the best is kept")
    lift: int = Field(0, ge=-1, le=1, description="1: right hand an octave up; -1: all an octave down")
    loudness: float = control(0.4, 1.6, 1.0, "ratio", "of the touch")
    breath_s: float = control(0.0, 8.0, 1.0, "s", "rest between phrases")
    cadence: bool = Field(False, description="close on the tonic")
    performer: PerformerSettings = Field(default_factory=PerformerSettings)
    voice: VoicesSettings = Field(default_factory=VoicesSettings)


class Track(Settings):
    """One track. Layers and effects are those of moods, and the automation moves them."""

    title: OneLine = Field(min_length=1, max_length=80)
    about: str = ""
    scale: ScaleSettings = Field(default_factory=ScaleSettings)
    tempo: TempoSettings = Field(default_factory=TempoSettings)
    performer: PerformerSettings = Field(default_factory=PerformerSettings)
    voice: VoicesSettings = Field(default_factory=VoicesSettings)
    layer: LayersSettings = Field(default_factory=LayersSettings)
    effects: EffectsSettings = Field(default_factory=EffectsSettings)
    vocoder: VocoderSettings | None = None
    bells_on: Literal["character", "accents"] = Field("character", description="which notes of the melody ring bells")
    textures: dict[str, TextureSource] = Field(default_factory=dict)
    sections: list[Section] = Field(default_factory=list)
    clips: list[Clip] = Field(default_factory=list)
    automation: dict[str, list[tuple[Moment, float]]] = Field(default_factory=dict)
    tail_s: float = control(0.0, 60.0, 6.0, "s", "what is left to ring at the end")
    themes: dict[str, ThemeSource] = Field(default_factory=dict)
    form: FormWishes = Field(default_factory=FormWishes)


class Record(Settings):
    """A record in `presets/ep/NAME.yaml`."""

    title: OneLine = Field(min_length=1, max_length=80)
    artist: OneLine = Field("Ameublement", min_length=1, max_length=80)
    about: str = ""
    master: MasterSettings = Field(default_factory=MasterSettings)
    tracks: list[Track] = Field(min_length=1, max_length=MOST_TRACKS)

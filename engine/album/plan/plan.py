"""From a sheet to a plan: every moment in seconds, every setting in full, every file found, or a complaint.

Nothing is drawn or rendered here, so every mistake that can be known is said before any work begins.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.album.plan.automation import MOVING, Curve
from engine.album.plan.clock import Clock
from engine.album.plan.sheet import LONGEST_S, Clip, Record, Section, TextureSource, Track
from engine.album.plan.sources import find_texture, network_of
from engine.errors import AmeublementError, RecordError
from engine.files.checked_yaml import Document, nearest, read_document
from engine.music.midi.reading import read_performance
from engine.parameters.scales import intervals_of
from engine.parameters.sound import (
    ConductorSettings,
    LayerSettings,
    PerformerSettings,
    Settings,
    SoundSettings,
    TextureSettings,
)
from models.common.weights import weights_path

CD_FRAMES_PER_S: Final = 75
"""Cue sheets count in these; a track is a whole number of them long, at 44.1 and at 48 kHz."""

LEVEL: Final = Curve((0.0,), (0.0,))

_EARLIER_TRACK = re.compile(r"^track (\d+)(?: ([a-z][a-z0-9_]*))?$")


@dataclass(frozen=True)
class PlannedSection:
    """A section with its place in seconds and all that decides how it sounds."""

    section: Section
    start_s: float
    end_s: float
    settings: SoundSettings

    @property
    def name(self) -> str:
        return self.section.name


@dataclass(frozen=True)
class PlannedClip:
    """`source` is the texture's name in its track."""

    clip: Clip
    start_s: float
    end_s: float


@dataclass(frozen=True)
class PlannedTrack:
    """`number` counts from 1; `length_s` includes the tail and is a whole number of CD frames."""

    number: int
    track: Track
    settings: SoundSettings
    sections: tuple[PlannedSection, ...]
    clips: tuple[PlannedClip, ...]
    curves: dict[str, Curve]
    length_s: float
    dynamics: Curve = LEVEL
    """What sections add to the level of every layer, in dB."""

    @property
    def slug(self) -> str:
        """Name for files: `01-air-en-re`."""
        return f"{self.number:02d}-{slug(self.track.title)}"


@dataclass(frozen=True)
class RecordPlan:
    """All tracks of a record; `folder` is where its files are looked for, `remarks` what of them cannot be used."""

    record: Record
    folder: Path
    tracks: tuple[PlannedTrack, ...]
    remarks: tuple[str, ...] = ()

    @property
    def length_s(self) -> float:
        return sum(track.length_s for track in self.tracks)


def slug(text: str) -> str:
    """Small letters, digits and hyphens, for file names on any system."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split()) or "untitled"


def earlier_track(text: str) -> tuple[int, str] | None:
    """Number of the track that `track 1` or `track 1 return` names, and the section if there is one."""
    found = _EARLIER_TRACK.match(text)
    return (int(found[1]), found[2] or "") if found else None


def load_plan(path: Path) -> RecordPlan:
    """The plan of a record's file. Raises `RecordError` with one line per thing that is wrong."""
    document = read_document(path, Record, RecordError, "record", most_bytes=2_000_000)
    return Planner(document).plan()


class Planner:
    """Resolves one document; collects every complaint before it raises."""

    def __init__(self, document: Document[Record]) -> None:
        self._document = document
        self._folder = document.path.resolve().parent
        self._complaints: list[str] = []
        self._remarks: dict[str, None] = {}

    def plan(self) -> RecordPlan:
        """Raises `RecordError`."""
        record = self._document.model
        tracks = tuple(self._track(index, track) for index, track in enumerate(record.tracks))
        if self._complaints:
            raise RecordError("\n".join(self._complaints))
        return RecordPlan(record, self._folder, tracks, tuple(self._remarks))

    def _complain(self, keys: Iterable[str | int], what: object) -> None:
        self._complaints.append(f"{self._document.place(*keys)}: {what}")

    def _tried(self, keys: tuple[str | int, ...], attempt: Any, *arguments: Any) -> Any:
        """What `attempt` gives; None, and a complaint, where it raises an error of ours."""
        try:
            return attempt(*arguments)
        except AmeublementError as error:
            self._complain(keys, error)
            return None

    def _track(self, index: int, track: Track) -> PlannedTrack:
        here = ("tracks", index)
        self._tried((*here, "scale", "mode"), intervals_of, track.scale.mode)
        self._check_layers(here, track)
        clock = Clock(track.tempo)
        sections = self._sections(here, track, clock)
        for name, source in track.textures.items():
            self._check_source((*here, "textures", name), source)
        for name, theme in track.themes.items():
            self._check_performer((*here, "themes", name, "performer"), theme.performer)
        clips = self._clips(here, track, clock, max((s.end_s for s in sections), default=0.0))
        curves = self._curves(here, track, clock)
        end_s = max([0.0, *(s.end_s for s in sections), *(c.end_s for c in clips)])
        if not (track.sections or track.clips):
            self._complain(here, "a track without sections and clips; give it some")
        if end_s + track.tail_s > LONGEST_S:
            self._complain(here, f"{end_s + track.tail_s:g} s long; expected at most {LONGEST_S:g}")
        length_s = math.ceil((end_s + track.tail_s) * CD_FRAMES_PER_S) / CD_FRAMES_PER_S
        settings = SoundSettings(
            scale=track.scale, performer=track.performer, voice=track.voice, layer=track.layer, effects=track.effects
        )
        return PlannedTrack(
            index + 1, track, settings, tuple(sections), tuple(clips), curves, length_s, _dynamics(sections)
        )

    def _check_layers(self, here: tuple[str | int, ...], track: Track) -> None:
        """A mood's textures are chosen by its layers, a record's by its clips."""
        moods_only = set(TextureSettings.model_fields) - set(LayerSettings.model_fields)
        for stem in track.layer.model_fields_set:
            for name in getattr(track.layer, stem).model_fields_set & moods_only:
                self._complain((*here, "layer", stem, name), "a record places textures with `clips`; take this out")

    def _sections(self, here: tuple[str | int, ...], track: Track, clock: Clock) -> list[PlannedSection]:
        planned: list[PlannedSection] = []
        for number, section in enumerate(track.sections):
            keys = (*here, "sections", number)
            before_s = planned[-1].end_s if planned else 0.0
            at = before_s if section.at is None else self._tried((*keys, "at"), clock.moment_s, section.at)
            length_s = self._tried((*keys, "length"), clock.length_s, section.length)
            if section.name in clock.begins_s:
                self._complain((*keys, "name"), f"a second section {section.name!r}; give each a name of its own")
            if at is None or length_s is None:
                continue
            if at < before_s - 1e-6:
                what = f"begins at {at:g} s, but {planned[-1].name!r} lasts until {before_s:g} s; they overlap"
                self._complain((*keys, "at"), what)
            self._check_section(keys, track, section, [s.section for s in planned])
            clock.begins_s[section.name] = at
            planned.append(PlannedSection(section, at, at + length_s, _settings_of(track, section)))
        return planned

    def _check_section(
        self, keys: tuple[str | int, ...], track: Track, section: Section, earlier: list[Section]
    ) -> None:
        given = [name for name in ("midi", "again", "rest", "theme") if getattr(section, name)]
        self._check_theme((*keys, "theme"), track, section)
        if len(given) > 1:
            self._complain((*keys, given[1]), f"{' and '.join(given)} exclude each other; keep one")
        played = [s.name for s in earlier if not s.rest]
        if section.again and section.again not in played:
            self._complain(
                (*keys, "again"),
                f"no earlier section {section.again!r} with a piano.{nearest(section.again, played)} There are: "
                f"{', '.join(played) or 'none'}",
            )
        self._check_continues((*keys, "continues"), section.continues, played)
        if section.midi:
            given_midi = self._tried((*keys, "midi"), read_performance, self._folder / section.midi)
            self._remarks |= dict.fromkeys(given_midi.remarks if given_midi else ())
        elif not section.again and not section.rest:
            self._check_performer((*keys, "performer"), _merged(track.performer, section.performer))

    def _check_performer(self, keys: tuple[str | int, ...], asked: PerformerSettings) -> None:
        for key in ("name", "themes"):
            name = getattr(asked, key)
            if name and not weights_path(name).is_file():
                what = f"no performer {name!r}; `run_installation.py models list` shows them"
                self._complain((*keys, key), what)

    def _check_theme(self, keys: tuple[str | int, ...], track: Track, section: Section) -> None:
        if section.own_words and not section.theme:
            self._complain((*keys[:-1], "own_words"), "own words of which theme? say `theme`")
        if not section.theme or section.theme in track.themes:
            return
        other = earlier_track(section.theme)
        tracks = self._document.model.tracks
        if other and 1 <= other[0] < int(str(keys[1])) + 1 and other[1] in tracks[other[0] - 1].themes:
            return
        known = list(track.themes)
        self._complain(
            keys,
            f"no theme {section.theme!r}.{nearest(section.theme, known)} Expected one of this track "
            f"({', '.join(known) or 'it has none'}), or as in `track 1 air`",
        )

    def _check_continues(self, keys: tuple[str | int, ...], text: str, played: list[str]) -> None:
        if not text or text in played:
            return
        other = earlier_track(text)
        tracks = self._document.model.tracks
        if other and 1 <= other[0] < int(str(keys[1])) + 1:
            names = [s.name for s in tracks[other[0] - 1].sections if not s.rest]
            if names and (not other[1] or other[1] in names):
                return
        self._complain(
            keys, f"{text!r}: expected an earlier section with a piano, or as in `track 1` or `track 1 return`"
        )

    def _check_source(self, keys: tuple[str | int, ...], source: TextureSource) -> None:
        if bool(source.file) == bool(source.style):
            self._complain(keys, "give either `file`, or a `style` to be drawn")
        elif source.file:
            self._tried((*keys, "file"), find_texture, source.file, self._folder)
        else:
            self._tried((*keys, "style"), network_of, source)

    def _clips(self, here: tuple[str | int, ...], track: Track, clock: Clock, end_s: float) -> list[PlannedClip]:
        planned = []
        for number, clip in enumerate(track.clips):
            keys = (*here, "clips", number)
            if clip.texture not in track.textures:
                known = list(track.textures)
                self._complain(
                    (*keys, "texture"),
                    f"no texture {clip.texture!r} in this track.{nearest(clip.texture, known)} There are: "
                    f"{', '.join(known) or 'none'}",
                )
            elif clip.take > track.textures[clip.texture].takes:
                takes = track.textures[clip.texture].takes
                self._complain((*keys, "take"), f"take {clip.take} of {clip.texture!r}, which has {takes}")
            at = self._tried((*keys, "at"), clock.moment_s, clip.at)
            if clip.length is None and at is not None:
                length_s = end_s - at
                if length_s <= 0.0:
                    self._complain((*keys, "length"), "there is no section to end with; say how long it is")
            else:
                length_s = self._tried((*keys, "length"), clock.length_s, clip.length)
            if at is not None and length_s is not None:
                planned.append(PlannedClip(clip, at, at + length_s))
        return planned

    def _curves(self, here: tuple[str | int, ...], track: Track, clock: Clock) -> dict[str, Curve]:
        curves = {}
        for path, points in track.automation.items():
            keys = (*here, "automation", path)
            if path not in MOVING:
                self._complain(keys, f"no number that can move.{nearest(path, list(MOVING))}")
                continue
            if not points:
                self._complain(keys, "a curve without points; give pairs of moment and value")
                continue
            curve = self._curve(keys, path, points, clock)
            if curve:
                curves[path] = curve
        return curves

    def _curve(
        self, keys: tuple[str | int, ...], path: str, points: list[tuple[float | str, float]], clock: Clock
    ) -> Curve | None:
        times_s: list[float] = []
        for number, (moment, value) in enumerate(points):
            time_s = self._tried((*keys, number, 0), clock.moment_s, moment)
            if self._tried((*keys, number, 1), MOVING[path].parse, [value]) is None or time_s is None:
                return None
            if times_s and time_s <= times_s[-1]:
                self._complain((*keys, number), f"at {time_s:g} s, not after the point before it at {times_s[-1]:g} s")
                return None
            times_s.append(time_s)
        return Curve(tuple(times_s), tuple(value for _, value in points), MOVING[path].curve == "log")


def _settings_of(track: Track, section: Section) -> SoundSettings:
    voice = track.voice.model_copy(deep=True)
    for name in section.voice.model_fields_set:
        setattr(voice, name, _merged(getattr(voice, name), getattr(section.voice, name)))
    return SoundSettings(
        scale=track.scale,
        performer=_merged(track.performer, section.performer),
        conductor=ConductorSettings(breath_s=section.breath_s),
        voice=voice,
        layer=track.layer,
        effects=track.effects,
    )


def _dynamics(sections: Sequence[PlannedSection]) -> Curve:
    """Each section's level, reached where it begins."""
    points: list[tuple[float, float]] = []
    for planned in sections:
        wanted_db, begins_s = planned.section.level_db, planned.start_s
        last_s, last_db = points[-1] if points else (-1.0, wanted_db)
        leaves_s = max(begins_s - planned.section.glide_s, last_s + 0.01)
        points += [(leaves_s, last_db)] if points and leaves_s < begins_s else []
        points.append((begins_s, wanted_db))
    points = points or [(0.0, 0.0)]
    return Curve(tuple(time_s for time_s, _ in points), tuple(level_db for _, level_db in points))


def _merged(base: Any, over: Settings) -> Any:
    """`base` with what was said in `over`."""
    return base.model_copy(update={name: getattr(over, name) for name in over.model_fields_set})

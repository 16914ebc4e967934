"""A long piece made of a mood: its sound, its performer and its textures, in sections that breathe and return."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from engine.album.plan.plan import Planner, RecordPlan
from engine.album.plan.sheet import Record
from engine.errors import RecordError
from engine.files.checked_yaml import Document
from engine.parameters.moods import load_mood
from engine.parameters.sound import LayerSettings, Mood
from engine.parameters.stems import LAYERS, TEXTURES
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import texture_folders

SECTION_S: Final = 120.0
"""About as long as one thought of such a piece."""
FORM: Final = ("new", "new", "again", "rest")
"""What sections do in turn: two new ones, the first of them again, and the textures alone."""
REST_S: Final = 14.0
SWELL_DB: Final = 5.0
"""How far the level of sections moves at a mood's full depth of arc, down and half as far up."""
CLOSE_S: Final = 60.0
TEXTURE_S: Final = 240.0
CROSSING_S: Final = 24.0
TAIL_S: Final = 8.0


def mood_plan(name: str, minutes: float) -> RecordPlan:
    """The plan of a piece of that length from a mood. Raises `MoodError` or `RecordError`."""
    mood = load_mood(name)
    sheet, remarks = mood_sheet(mood, minutes * 60.0)
    plan = Planner(Document(Path(f"{name}.yaml").resolve(), Record.model_validate(sheet), {})).plan()
    return RecordPlan(plan.record, plan.folder, plan.tracks, (*plan.remarks, *remarks))


def mood_sheet(mood: Mood, length_s: float) -> tuple[dict[str, Any], list[str]]:
    """A record of one track as its file would have it, and what of the mood a record cannot do."""
    sections = list(_sections(mood, length_s - TAIL_S))
    end_s = sum(section["length"] for section in sections)
    textures, clips, remarks = _textures(mood, end_s)
    layers = {stem: _layer(mood, stem) for stem in LAYERS}
    track = {
        "title": mood.title,
        "about": mood.about,
        "scale": mood.scale.model_dump(),
        "performer": mood.performer.model_dump(),
        "voice": mood.voice.model_dump(),
        "layer": layers,
        "effects": mood.effects.model_dump(),
        "textures": textures,
        "clips": clips,
        "sections": sections,
        "tail_s": TAIL_S,
    }
    return {"title": f"{mood.title}, {length_s / 60:.0f} minutes", "about": mood.about, "tracks": [track]}, remarks


def _sections(mood: Mood, length_s: float) -> Iterator[dict[str, Any]]:
    """New ones, returns and rests in turn, swelling once in the mood's arc; the last one closes."""
    left_s, number, first = length_s - CLOSE_S, 0, ""
    if left_s < SECTION_S / 2:
        yield _section(mood, "close", max(length_s, 8.0), 0.0) | {"cadence": length_s >= 2 * SECTION_S / 3}
        return
    count = max(round(left_s / (SECTION_S + REST_S / len(FORM))), 1)
    rests = sum(FORM[n % len(FORM)] == "rest" for n in range(count))
    each_s = (left_s - REST_S * rests) / max(count - rests, 1)
    begun_s = 0.0
    while number < count:
        kind = FORM[number % len(FORM)]
        name = f"s{number + 1}"
        section = _section(mood, name, REST_S if kind == "rest" else each_s, begun_s)
        if kind == "new":
            first = name if number % len(FORM) == 0 else first
        elif kind == "again":
            section |= {"again": first, "variation": mood.conductor.variation}
        else:
            section["rest"] = True
        begun_s += section["length"]
        number += 1
        yield section
    yield _section(mood, "close", CLOSE_S, begun_s) | {"cadence": True, "loudness": 0.8}


def _section(mood: Mood, name: str, length_s: float, begun_s: float) -> dict[str, Any]:
    swell = math.sin(2 * math.pi * (begun_s / 60 / mood.conductor.arc_minutes - 0.2)) * mood.conductor.arc_depth
    density = mood.performer.density_notes_per_s * (1.0 + 0.35 * swell)
    return {
        "name": name,
        "length": round(length_s, 3),
        "breath_s": mood.conductor.breath_s,
        "level_db": round(SWELL_DB * (0.5 * swell if swell > 0 else swell), 2),
        "glide_s": 20.0,
        "performer": {"density_notes_per_s": round(min(max(density, 0.3), 12.0), 3)},
    }


def _layer(mood: Mood, stem: str) -> dict[str, Any]:
    settings = getattr(mood.layer, stem)
    return {name: getattr(settings, name) for name in LayerSettings.model_fields}


def _textures(mood: Mood, end_s: float) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Sources and clips: each texture stem goes through its files one after another, crossing slowly."""
    sources: dict[str, Any] = {}
    clips: list[dict[str, Any]] = []
    remarks: list[str] = []
    for stem in TEXTURES:
        settings = getattr(mood.layer, stem)
        files = textures_in(texture_folders(), settings.file) if settings.file else []
        if not files:
            continue
        if settings.reverse or settings.octave < 0:
            remarks.append(f"{stem}: a record plays textures forwards and not below their pitch, where this mood does")
        for number in range(math.ceil(end_s / TEXTURE_S)):
            name = f"{stem}_{number % len(files) + 1}"
            sources[name] = {"file": files[number % len(files)].name, "operations": _operations(settings)}
            clips.append(_clip(stem, name, number * TEXTURE_S, end_s, settings.octave > 0))
    if not clips and not any(getattr(mood.voice, name).density > 0.0 for name in ("piano", "cello", "chords")):
        raise RecordError(f"mood {mood.title!r}: has neither voices nor textures to make a piece of")
    return sources, clips, remarks


def _clip(stem: str, name: str, at_s: float, end_s: float, above: bool) -> dict[str, Any]:
    until_s = min(at_s + TEXTURE_S + CROSSING_S, end_s)
    fades = {"fade_in_s": CROSSING_S if at_s else 8.0, "fade_out_s": CROSSING_S}
    copied = {"copy": "octave_up"} if above else {}
    return {"texture": name, "stem": stem, "at": at_s, "length": max(until_s - at_s, 1.0), **fades, **copied}


def _operations(settings: Any) -> dict[str, Any]:
    operations: dict[str, Any] = {"into_scale": {}, "loop": {"fade_s": 2.0}}
    if settings.dissonance != "keep":
        operations["drop_dissonant"] = {"cut": settings.dissonance == "cut"}
    if settings.lower_noise:
        operations["lower_noisy"] = {}
    return operations

"""What a renderer begins with: mood, values, seed and SoundFont, as far as they can be used."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from engine.errors import AmeublementError, MoodError, SoundFontError
from engine.files.runtime_folder import SILENT_SOUNDFONTS
from engine.parameters.addresses import settings_from_values
from engine.parameters.moods import load_mood
from engine.parameters.sound import Mood, SoundSettings
from engine.sound.voices.soundfonts import find_soundfont

log = logging.getLogger("renderer")

MOST_SILENT: Final = 2


@dataclass(frozen=True)
class Start:
    """What a renderer begins with: from the command line, or from `state.json` where the hub has written one."""

    mood: Mood
    settings: SoundSettings
    seed: int
    complaint: str = ""


def read_start(state_file: Path, mood_name: str, seed: int) -> Start:
    """The hub's state if there is a usable one, else the mood named; a default mood rather than none."""
    state = _read_state(state_file)
    name = str(state.get("mood", mood_name))
    complaint = ""
    try:
        mood = load_mood(name)
    except MoodError as problem:
        complaint = str(problem)
        mood = Mood(title=name[:40] or "default")
    settings = mood.sound()
    try:
        if state.get("values"):
            settings = settings_from_values(state["values"])
    except (AmeublementError, ValidationError, TypeError, ValueError, AttributeError) as problem:
        complaint = f"state.json holds values that cannot be used ({problem}); the mood is played as it is"
    return Start(
        mood=mood,
        settings=settings,
        seed=number(state.get("seed"), seed),
        complaint=complaint,
    )


def usable_soundfont(named: Path | None, runtime: Path) -> Path | None:
    """The SoundFont to use; a bad one that the user named is complained about and replaced, for the room plays on.

    One whose notes were silent in two renderers of this run is left alone: None, for built-in voices.
    """
    try:
        found = find_soundfont(named)
    except SoundFontError as problem:
        log.warning("%s", problem)
        found = find_soundfont()
    if found and _silent_before(runtime).count(str(found)) >= MOST_SILENT:
        log.warning("SoundFont %s: its notes are silent; built-in voices play instead", found)
        return None
    return found


def note_silent(runtime: Path, soundfont: Path) -> None:
    """Remembers, for the renderers after this one, that a SoundFont played notes without sound."""
    with suppress(OSError), (runtime / SILENT_SOUNDFONTS).open("a", encoding="utf-8") as file:
        file.write(f"{soundfont}\n")


def _silent_before(runtime: Path) -> list[str]:
    try:
        return (runtime / SILENT_SOUNDFONTS).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def number(value: object, otherwise: Any) -> Any:
    """`value` as what `otherwise` is, where it is a number at all."""
    return type(otherwise)(value) if isinstance(value, int | float) else otherwise


def _read_state(path: Path) -> dict[str, Any]:
    try:
        state = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}

"""The stems of a reel, in order, and the rate at which everything sounds.

`pd_patches/lib/stems.txt` is the one list of them, a stem a line: its name, its kind, and what it begins with. A line
more is a stem more: moods, OSC, pages, layers, reels and albums follow, and Pd reads the same file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import StemError
from engine.files.checked_yaml import explained
from engine.files.paths import STEMS_FILE

SAMPLE_RATE_HZ: Final = 48_000
BLOCK_FRAMES: Final = 512
"""Frames per pyo buffer; Pd computes 64 at a time."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_ARRANGED: Final = ("piano", "cello", "bells", "chords", "guitar", "drums")
"""Voices for which the arranger has a line of their own."""


class Stem(BaseModel):
    """What a line of the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    kind: Literal["voice", "reversed", "texture", "return"]
    """A voice plays notes; what is reversed is the piano's phrase in reverse, drowned in reverb, reversed back."""
    doubles: str = ""
    """The voice whose line it plays too; only those of `arranger` have one of their own."""
    instrument: str = "piano"
    density: float = Field(0.0, ge=0.0, le=1.0)
    octave: int = Field(0, ge=-2, le=2)
    layer: dict[str, float] = Field(default_factory=dict)
    """What its strip has where a mood says nothing."""
    ink: str = Field("#6b6b6b", pattern=r"^#[0-9a-f]{6}$")
    """Of its notes and levels in pictures."""


def read_stems(path: Path) -> dict[str, Stem]:
    """The stems of a file by name, in reel order. Raises StemError that names file, line and word."""
    stems: dict[str, Stem] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        name, _, words = line.partition(" ")
        if not _NAME.fullmatch(name) or name in stems:
            raise StemError(f"{path}, line {number}: {name!r} is no new name of small letters, digits and _")
        stems[name] = _stem(path, number, words.split())
    for name, stem in stems.items():
        _check(path, name, stem, stems)
    return stems


def _stem(path: Path, number: int, words: list[str]) -> Stem:
    """What the words after a name say: the kind, then `key=value`; keys that are not a stem's are its layer's."""
    said: dict[str, Any] = {"kind": words[0] if words else "", "layer": {}}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            raise StemError(f"{path}, line {number}: {word!r} is no `key=value`, such as level_db=-20")
        place = said if key in Stem.model_fields else said["layer"]
        place[key] = value
    try:
        return Stem.model_validate(said)
    except ValidationError as problem:
        raise StemError(explained(problem, path, Stem, "list of stems") + f" (line {number})") from None


def _check(path: Path, name: str, stem: Stem, stems: dict[str, Stem]) -> None:
    if stem.kind != "return" and "return" in _kinds_before(name, stems):
        raise StemError(f"{path}: {name} comes after a return; returns are the last lines")
    if stem.kind != "voice" or name in _ARRANGED:
        return
    leader = stems.get(stem.doubles)
    if leader is None or stem.doubles not in _ARRANGED:
        there = ", ".join(one for one in _ARRANGED if one in stems)
        raise StemError(f"{path}: {name}.doubles is {stem.doubles!r}; expected the voice it plays with: {there}")


def _kinds_before(name: str, stems: dict[str, Stem]) -> set[str]:
    """Kinds of the stems that come before one."""
    names = list(stems)
    return {stems[one].kind for one in names[: names.index(name)]}


STEM_TABLE: Final = read_stems(STEMS_FILE)
"""By name."""


def _of(*kinds: str) -> tuple[str, ...]:
    return tuple(name for name, stem in STEM_TABLE.items() if stem.kind in kinds)


STEMS: Final = tuple(STEM_TABLE)
"""Stems in reel order; stem i is channels 2i (left) and 2i+1 (right), counted from 0."""
LAYERS: Final = _of("voice", "reversed", "texture")
"""Stems that have a source of their own, voice or texture, and a strip that shapes it."""
RETURNS: Final = _of("return")
"""Stems that sound of what layers send them: two reverbs and the echo."""
CHANNELS: Final = 2 * len(STEMS)
VOICES: Final = _of("voice")
"""Stems that play notes."""
DOUBLES: Final = {name: STEM_TABLE[name].doubles for name in VOICES if name not in _ARRANGED}
"""The voices that play the line of another, and whose."""
TEXTURES: Final = _of("texture")

"""What a track's voices play as JSON, exact to the last digit: how a recipe sounds the same wherever it is rendered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.album.performance.played import Placed, Played
from engine.music.notes import Note, PedalSpan, Phrase, Score
from engine.music.phrases.store import phrase_from_json
from engine.parameters.stems import VOICES


def played_to_json(played: Played) -> list[dict[str, Any]]:
    """Each phrase as it was drawn, and its score; a note is [onset_s, pitch, duration_s, velocity]."""
    return [
        {
            "start_s": item.start_s,
            "section": item.section,
            "score": _score_to_json(item.score),
            "phrase": _phrase_to_json(item.phrase),
        }
        for item in played.placed
    ]


def tunes_to_json(played: Played) -> dict[str, Any]:
    """A track's themes by name, the tunes alone."""
    return {name: [_row(note) for note in tune.notes] for name, tune in played.themes.items()}


def tunes_from_json(contents: Mapping[str, Any]) -> dict[str, Phrase]:
    """Raises KeyError, TypeError or ValueError when `contents` is no such thing."""
    return {str(name): phrase_from_json({"notes": rows}) for name, rows in contents.items()}


def played_from_json(
    contents: Sequence[dict[str, Any]], tunes: Mapping[str, Any] | None = None, takes: Mapping[str, int] | None = None
) -> Played:
    """Raises KeyError, TypeError or ValueError when `contents` is no such thing."""
    return Played(
        tuple(
            Placed(
                float(item["start_s"]),
                _score_from_json(item["score"]),
                str(item["section"]),
                phrase_from_json(item["phrase"]),
            )
            for item in contents
        ),
        tunes_from_json(tunes or {}),
        {str(name): int(number) for name, number in (takes or {}).items()},
    )


def laid_out(value: Any, levels: int, depth: int = 0) -> str:
    """JSON of which the outermost `levels` are indented; what lies deeper has a line to itself."""
    if depth == levels or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    inner = "\n" + " " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{json.dumps(key, ensure_ascii=False)}: {laid_out(v, levels, depth + 1)}" for key, v in value.items()]
        return "{" + inner + f",{inner}".join(rows) + "\n" + " " * depth + "}"
    return "[" + inner + f",{inner}".join(laid_out(v, levels, depth + 1) for v in value) + "\n" + " " * depth + "]"


def _phrase_to_json(phrase: Phrase) -> dict[str, Any]:
    return {
        "notes": [_row(note) for note in phrase.notes],
        "pedal": _spans(phrase.pedal),
        "performer": phrase.performer,
        "seed": phrase.seed,
    }


def _score_to_json(score: Score) -> dict[str, Any]:
    return {
        "voices": {voice: [_row(note) for note in notes] for voice, notes in score.voices.items() if notes},
        "pedal": _spans(score.pedal),
        "length_s": score.length_s,
        "origin": score.origin,
    }


def _score_from_json(contents: dict[str, Any]) -> Score:
    voices = {voice: phrase_from_json({"notes": contents["voices"].get(voice, [])}).notes for voice in VOICES}
    pedal = tuple(PedalSpan(float(start), float(end)) for start, end in contents["pedal"])
    return Score(voices, pedal, float(contents["length_s"]), str(contents["origin"]))


def _row(note: Note) -> list[float]:
    return [note.onset_s, note.pitch, note.duration_s, note.velocity]


def _spans(pedal: Sequence[PedalSpan]) -> list[list[float]]:
    return [[span.start_s, span.end_s] for span in pedal]

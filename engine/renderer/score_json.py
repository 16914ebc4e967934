"""Scores as JSON, small and exact: times count the steps to which the band plays them, so that they sound the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.music.notes import Note, PedalSpan, Score
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.stem_renderer import Scheduled
from engine.sound.voices.band import EVENT_FRAMES

STEPS_PER_S: Final = SAMPLE_RATE_HZ / EVENT_FRAMES
"""750: events fall on multiples of 64 frames."""


def scheduled_to_json(item: Scheduled) -> dict[str, Any]:
    """A note is [onset, pitch, length, velocity], a pedal span [start, end], in 750ths of a second."""
    score = item.score
    return {
        "start": item.start_frame,
        "origin": score.origin,
        "length_s": score.length_s,
        "instruments": item.instruments,
        "voices": {voice: [_row(note) for note in notes] for voice, notes in score.voices.items() if notes},
        "pedal": [[_steps(span.start_s), _steps(span.end_s)] for span in score.pedal],
    }


def scheduled_from_json(contents: Mapping[str, Any]) -> Scheduled:
    """Raises KeyError, TypeError or ValueError when `contents` is no such thing."""
    voices = {voice: tuple(_note(row) for row in contents["voices"].get(voice, ())) for voice in VOICES}
    pedal = tuple(PedalSpan(start / STEPS_PER_S, end / STEPS_PER_S) for start, end in contents["pedal"])
    score = Score(voices, pedal, float(contents["length_s"]), str(contents["origin"]))
    instruments = {voice: str(contents["instruments"].get(voice, "piano")) for voice in VOICES}
    return Scheduled(int(contents["start"]), score, instruments)


def _row(note: Note) -> list[int]:
    onset = _steps(note.onset_s)
    return [onset, note.pitch, _steps(note.end_s) - onset, note.velocity]


def _note(row: Sequence[int]) -> Note:
    onset, pitch, length, velocity = row
    return Note(onset / STEPS_PER_S, int(pitch), length / STEPS_PER_S, int(velocity))


def _steps(seconds: float) -> int:
    return round(seconds * STEPS_PER_S)

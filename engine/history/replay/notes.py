"""The notes of a stretch of the past as MIDI: what the voices played, and the phrases it was made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.journal.reader import Record
from engine.journal.runs import RunRecords
from engine.journal.stretch import Piece, Stretch
from engine.music.midi.writing import write_phrase, write_scores
from engine.music.notes import Score
from engine.music.phrases.store import phrase_from_json
from engine.parameters.addresses import settings_from_values
from engine.parameters.sound import VoicesSettings
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.renderer.score_json import scheduled_from_json

_AHEAD_S = 60.0
"""A phrase is drawn this long before it is heard, at the most."""


def write_notes(folder: Path, stretch: Stretch, runs: Mapping[str, RunRecords]) -> None:
    """`score.mid`, a track per voice, and in `phrases/` what the performers played for it, a file each."""
    placed = [
        score
        for piece in stretch.pieces
        for score in _scores_within(piece, [r for r in runs[piece.run].records if r.kind == "score"])
    ]
    write_scores(folder / "score.mid", placed, _voices(stretch, runs))
    for record in (r for run in runs.values() for r in run.records if r.kind == "phrase"):
        if stretch.start_s - _AHEAD_S <= record.wall_s <= stretch.start_s + stretch.length_s:
            (folder / "phrases").mkdir(exist_ok=True)
            phrase = phrase_from_json(record.fields)
            name = f"{int(record.fields['number']):04d} {phrase.performer}".replace("/", "-").strip()
            write_phrase(folder / "phrases" / f"{name}.mid", phrase)


def _voices(stretch: Stretch, runs: Mapping[str, RunRecords]) -> VoicesSettings | None:
    """The instruments with which the stretch begins."""
    for piece in stretch.pieces[:1]:
        states = [r for r in runs[piece.run].records if r.kind == "state"]
        before = [r for r in states if int(r.fields["frame"]) <= piece.first_frame] or states[:1]
        return settings_from_values(before[-1].fields["values"]).voice if before else None
    return None


def _scores_within(piece: Piece, records: Sequence[Record]) -> Iterator[tuple[float, Score]]:
    """Scores with the second of the stretch at which they begin, without the notes that were not heard in the piece.

    A score ends where a later one begins, also where that one took its place before its time.
    """
    end_frame = piece.first_frame + piece.frames
    found: list[tuple[float, Score]] = []
    for record in reversed(records):
        item = scheduled_from_json(record.fields)
        first_s = (max(piece.first_frame, item.start_frame) - item.start_frame) / SAMPLE_RATE_HZ
        last_s = (end_frame - item.start_frame) / SAMPLE_RATE_HZ
        end_frame = min(end_frame, item.start_frame)
        if last_s <= first_s:
            continue
        voices = {
            voice: tuple(note for note in notes if first_s <= note.onset_s < last_s)
            for voice, notes in item.score.voices.items()
        }
        pedal = tuple(span for span in item.score.pedal if first_s <= span.start_s < last_s)
        start_s = (piece.place + item.start_frame - piece.first_frame) / SAMPLE_RATE_HZ
        found.append((start_s, Score(voices, pedal, item.score.length_s, item.score.origin)))
    yield from reversed(found)

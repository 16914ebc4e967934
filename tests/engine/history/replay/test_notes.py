"""The notes of a stretch: what was heard within it, and no note of a score that another took the place of."""

from __future__ import annotations

from pathlib import Path

import mido

from engine.history.replay.notes import write_notes
from engine.journal.reader import Record
from engine.journal.runs import RunRecords
from engine.journal.stretch import Piece, Stretch
from engine.music.notes import Note, Phrase, Score
from engine.music.phrases.store import phrase_to_json
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.renderer.score_json import scheduled_to_json
from engine.sound.stem_renderer import Scheduled
from tests.engine.sounds import INSTRUMENTS

BEGUN_S = 1_800_000_000.0


def score(start_s: float, pitch: int) -> Record:
    """Ten seconds of a note each second."""
    notes = tuple(Note(float(second), pitch, 0.5, 60) for second in range(10))
    item = Scheduled(round(start_s * SAMPLE_RATE_HZ), Score({"piano": notes}, (), 10.0, "one"), INSTRUMENTS)
    return Record("score", BEGUN_S, 0.0, scheduled_to_json(item))


def phrase(at_s: float, number: int) -> Record:
    fields = phrase_to_json(Phrase((Note(0.0, 60, 1.0, 60),), performer="satie"))
    return Record("phrase", BEGUN_S + at_s, 0.0, {"number": number, **fields})


def written(folder: Path, *records: Record) -> list[tuple[int, float]]:
    """Pitches and times of the file's notes, of seconds 5 to 12 of a run."""
    frames = 7 * SAMPLE_RATE_HZ
    stretch = Stretch(BEGUN_S, frames, (Piece("a", 5 * SAMPLE_RATE_HZ, frames, 0),))
    write_notes(folder, stretch, {"a": RunRecords("a", Record("segment", BEGUN_S, 0.0, {}), list(records))})
    now_s, found = 0.0, []
    for message in mido.MidiFile(folder / "score.mid"):
        now_s += message.time
        if message.type == "note_on" and message.velocity:
            found.append((message.note, round(now_s, 2)))
    return found


def test_notes_before_and_after_the_stretch_are_left_out(tmp_path: Path) -> None:
    heard = written(tmp_path, score(0.0, 60))
    assert heard == [(60, float(second)) for second in range(5)]


def test_a_score_ends_where_a_later_one_takes_its_place_before_its_time(tmp_path: Path) -> None:
    heard = written(tmp_path, score(0.0, 60), score(8.0, 72))
    assert heard == [(60, 0.0), (60, 1.0), (60, 2.0), (72, 3.0), (72, 4.0), (72, 5.0), (72, 6.0)]


def test_phrases_that_were_drawn_for_it_lie_beside(tmp_path: Path) -> None:
    written(tmp_path, score(0.0, 60), phrase(-30.0, 3), phrase(-90.0, 2), phrase(20.0, 4))
    assert [path.name for path in (tmp_path / "phrases").iterdir()] == ["0003 satie.mid"]

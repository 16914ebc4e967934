"""Phrases that performers played come back from the journal, also from a damaged one; rules do not count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.journal.phrases import JournalPhrases, recent_phrases
from engine.journal.place import JournalPlace
from engine.journal.segments import list_segments
from engine.renderer.engine_journal import EngineJournal, Run
from tests.engine.phrases import wandering


def keep(folder: Path, performers: list[str]) -> None:
    journal = EngineJournal(JournalPlace(folder, 10**6), Run("a", 1, "Night", None))
    for number, performer in enumerate(performers):
        journal.phrase(number, replace(wandering(number, 2.0, 8.0), performer=performer), "Night")
    journal.close()


def test_each_is_given_once_and_only_those_of_performers(tmp_path: Path) -> None:
    keep(tmp_path, ["satie", "rule sway", "rolls"])
    keep(tmp_path, ["satie"])
    phrases = JournalPhrases(tmp_path)
    given = [phrases.next() for _ in range(4)]
    assert [phrase and phrase.performer for phrase in given] == ["satie", "rolls", "satie", None]
    assert given[0] is not None
    assert [note.pitch for note in given[0].notes] == [note.pitch for note in wandering(0, 2.0, 8.0).notes]
    assert JournalPhrases(None).next() is None
    assert JournalPhrases(tmp_path / "none").next() is None
    assert len(recent_phrases(tmp_path, most=2)) == 2


def test_a_journal_cut_in_the_middle_gives_what_it_has(tmp_path: Path) -> None:
    keep(tmp_path, ["satie"] * 5)
    [path] = list_segments(tmp_path, "engine")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert 1 <= len(recent_phrases(tmp_path)) < 5

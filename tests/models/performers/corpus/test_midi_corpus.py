"""Folders of anybody's MIDI: what is read, what is skipped and how that is told."""

from pathlib import Path

import pytest

from engine.errors import MidiError
from models.performers.corpus.midi_corpus import read_corpus
from tests.engine.music.midi import awkward

EMPTY = awkward.song(b"")


def test_broken_files_are_reported_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "good.mid").write_bytes(awkward.PLAIN)
    (tmp_path / "noise.mid").write_bytes(b"not MIDI at all")
    (tmp_path / "cut.mid").write_bytes(awkward.PLAIN[:24])
    (tmp_path / "empty.mid").write_bytes(EMPTY)
    performances, skipped = read_corpus(tmp_path)
    assert [p.name for p in performances] == ["good.mid"]
    assert sorted(s.path.name for s in skipped) == ["cut.mid", "empty.mid", "noise.mid"]
    assert all(str(s.path) in s.why for s in skipped)


def test_all_names_that_midi_files_have(tmp_path: Path) -> None:
    names = ["a.mid", "b.MID", "c.midi", "d.kar", "e.rmi", "f.smf"]
    for name in names:
        (tmp_path / name).write_bytes(awkward.AWKWARD["rmi"] if name == "e.rmi" else awkward.PLAIN)
    performances, skipped = read_corpus(tmp_path)
    assert [p.name for p in performances] == names
    assert {len(p.phrase.notes) for p in performances} == {72}
    assert skipped == []


def test_scores_and_packed_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(awkward.PLAIN)
    (tmp_path / "b.mxl").write_bytes(b"PK")
    (tmp_path / "readme.txt").write_text("nothing to play")
    _, skipped = read_corpus(tmp_path)
    assert [s.why for s in skipped] == [f"{tmp_path / 'b.mxl'}: is no MIDI file; unpack it, or export it as MIDI"]


def test_linked_folders_are_read_once_and_circles_end(tmp_path: Path) -> None:
    corpus, elsewhere = tmp_path / "corpus", tmp_path / "elsewhere"
    (elsewhere / "deep").mkdir(parents=True)
    corpus.mkdir()
    (elsewhere / "deep" / "a.mid").write_bytes(awkward.PLAIN)
    (corpus / "linked").symlink_to(elsewhere, target_is_directory=True)
    (corpus / "again").symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "deep" / "circle").symlink_to(corpus, target_is_directory=True)
    (corpus / "b.mid").symlink_to(elsewhere / "deep" / "a.mid")
    performances, skipped = read_corpus(corpus)
    assert sorted(p.name for p in performances) in (["again/deep/a.mid", "b.mid"], ["b.mid", "linked/deep/a.mid"])
    assert skipped == []


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(awkward.PLAIN)
    (tmp_path / "gone.mid").symlink_to(tmp_path / "nowhere.mid")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere", target_is_directory=True)
    _, skipped = read_corpus(tmp_path)
    assert [s.path.name for s in skipped] == ["gone", "gone.mid"]
    assert all("cannot be read" in s.why for s in skipped)


def test_what_was_lost_of_a_file_is_kept_as_a_remark(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(awkward.PLAIN[:200])
    performances, _ = read_corpus(tmp_path)
    assert "a.mid: track 1: the file is cut short" in performances[0].remarks[0]


def test_an_empty_folder_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(MidiError, match=r"no \.mid files"):
        read_corpus(tmp_path)
    with pytest.raises(MidiError, match="no such folder"):
        read_corpus(tmp_path / "nowhere")

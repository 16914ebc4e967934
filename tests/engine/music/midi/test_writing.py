"""MIDI files: what is written is what is read, to a millisecond."""

from pathlib import Path

import mido
import pytest
from hypothesis import HealthCheck, given, settings

from engine.errors import MidiError
from engine.music.midi.reading import read_phrase
from engine.music.midi.writing import write_phrase, write_scores
from engine.music.notes import Note, PedalSpan, Phrase, Score
from engine.music.scale import Scale, quantise_notes
from engine.parameters.scales import MODES
from engine.parameters.sound import VoicesSettings
from tests.engine.phrases import phrases

CHROMATIC = Scale(0, MODES["chromatic"])


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(phrases)
def test_a_phrase_survives(tmp_path: Path, phrase: Phrase) -> None:
    phrase = Phrase(quantise_notes(phrase.notes, CHROMATIC), (), "satie", 12)
    write_phrase(tmp_path / "phrase.mid", phrase)
    read = read_phrase(tmp_path / "phrase.mid")
    assert (read.performer, read.seed) == ("satie", 12)
    assert sorted(n.pitch for n in read.notes) == sorted(n.pitch for n in phrase.notes)
    close = sorted((n.pitch, n.onset_s) for n in phrase.notes)
    for (pitch, onset_s), note in zip(close, sorted(read.notes, key=lambda n: (n.pitch, n.onset_s)), strict=True):
        assert note.pitch == pitch
        assert abs(note.onset_s - onset_s) < 0.002


def test_the_pedal_survives(tmp_path: Path) -> None:
    phrase = Phrase((Note(0.0, 60, 1.0, 64),), (PedalSpan(0.25, 1.5), PedalSpan(2.0, 3.0)))
    write_phrase(tmp_path / "phrase.mid", phrase)
    assert read_phrase(tmp_path / "phrase.mid").pedal == phrase.pedal


def test_scores_become_a_track_per_voice(tmp_path: Path) -> None:
    score = Score({"piano": (Note(0.0, 60, 1.0, 64),), "cello": (), "drums": (Note(0.5, 40, 0.1, 20),)}, (), 2.0)
    voices = VoicesSettings()
    voices.piano.instrument = "electric_piano"
    write_scores(tmp_path / "scores.mid", [(0.0, score), (2.0, score)], voices)
    midi = mido.MidiFile(tmp_path / "scores.mid")
    assert [track.name for track in midi.tracks] == ["piano", "drums"]
    assert [m.program for m in midi.tracks[0] if m.type == "program_change"] == [4]
    assert {m.channel for m in midi.tracks[1] if m.type == "note_on"} == {9}
    assert [round(n.onset_s, 3) for n in read_phrase(tmp_path / "scores.mid").notes] == [0.0, 0.5, 2.0, 2.5]


def test_nothing_played_is_a_readable_file(tmp_path: Path) -> None:
    write_scores(tmp_path / "none.mid", [])
    assert read_phrase(tmp_path / "none.mid").notes == ()


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "no.mid").write_bytes(b"MThd nonsense")
    write_phrase(tmp_path / "apart.mid", Phrase((Note(0.0, 60, 1.0, 64),)))
    whole = (tmp_path / "apart.mid").read_bytes()
    (tmp_path / "no_time.mid").write_bytes(whole[:12] + b"\x00\x00" + whole[14:])  # no ticks in a beat
    for name in ("no.mid", "missing.mid", "no_time.mid"):
        with pytest.raises(MidiError, match=name):
            read_phrase(tmp_path / name)
    with pytest.raises(MidiError, match="cannot be written"):
        write_phrase(tmp_path / "nowhere" / "x.mid", Phrase(()))

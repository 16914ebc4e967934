"""MIDI that a program wrote is played by hands; what somebody played, and what is wanted as it is, stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.album.performance.given_midi import given_midi
from engine.album.plan.plan import PlannedSection, load_plan
from engine.music.midi.writing import write_phrase
from engine.music.notes import Note, PedalSpan, Phrase

ROWS = tuple(Note(0.75 * n, pitch, 0.7, 60) for n in range(20) for pitch in (60 + n % 5, 72 + n % 5))


def planned(folder: Path, phrase: Phrase, humanised: bool) -> PlannedSection:
    write_phrase(folder / "given.mid", phrase)
    sections = f"- {{name: one, length: 20, midi: given.mid, humanised: {str(humanised).lower()}}}"
    (folder / "sheet.yaml").write_text(f"title: A\ntracks: [{{title: B, sections: [{sections[2:]}]}}]\n", "utf-8")
    return load_plan(folder / "sheet.yaml").tracks[0].sections[0]


def late(phrase: Phrase) -> set[float]:
    return {round(note.onset_s % 0.75, 2) % 0.75 for note in phrase.notes}


@pytest.mark.parametrize(("humanised", "pedal"), [(False, ()), (True, (PedalSpan(0.1, 3.0),))])
def test_it_stays_as_it_is(tmp_path: Path, humanised: bool, pedal: tuple[PedalSpan, ...]) -> None:
    section = planned(tmp_path, Phrase(ROWS, pedal), humanised)
    assert late(given_midi(section, tmp_path, 1)) == {0.0}


def test_hands_play_what_a_program_wrote(tmp_path: Path) -> None:
    section = planned(tmp_path, Phrase(ROWS), humanised=True)
    played = given_midi(section, tmp_path, 1)
    assert len(late(played)) > 5
    assert sorted(n.pitch for n in played.notes) == sorted(n.pitch for n in ROWS)
    assert played == given_midi(section, tmp_path, 1)
    assert played != given_midi(section, tmp_path, 2)

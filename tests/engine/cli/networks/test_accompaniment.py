"""`accompaniment` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Note, Phrase

MELODY = tuple(Note(0.5 * number, 72 + number % 6, 0.5, 80) for number in range(12))


def type_in(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def melody(tmp_path: Path) -> Path:
    write_phrase(tmp_path / "melody.mid", Phrase(MELODY))
    return tmp_path / "melody.mid"


def test_a_melody_gets_company(melody: Path, tmp_path: Path) -> None:
    said = type_in(
        *("accompaniment", "play", melody, "--out", tmp_path / "both.mid", "--performer", "satie"),
        *("--chord", 50, "--chord", 54, "--chord", 57, "--sheet", tmp_path / "both.png"),
    )
    assert said.exit_code == 0, said.output
    both = read_performance(tmp_path / "both.mid").phrase.notes
    assert {n.pitch for n in MELODY} <= {n.pitch for n in both}
    assert len(both) > len(MELODY)
    assert (tmp_path / "both.png").stat().st_size > 5_000


def test_a_chord_is_measured_beside_none(melody: Path) -> None:
    said = type_in("accompaniment", "evaluate", melody, "--performer", "satie", "--draws", 2)
    assert said.exit_code == 0, said.output
    assert "satie, with the chord" in said.output
    assert "satie, without" in said.output

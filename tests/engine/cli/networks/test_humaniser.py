"""`humaniser` as a person types it."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Phrase
from tests.models.performers.humaniser.test_quantised_copy import waltz


def type_in(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in range(12):
        write_phrase(folder / f"{number}.mid", Phrase(tuple(waltz(Random(number), 50.0))))
    return folder


def test_a_score_is_played(tmp_path: Path) -> None:
    write_phrase(tmp_path / "score.mid", Phrase(tuple(waltz())))
    said = type_in("humaniser", "play", tmp_path / "score.mid", "--out", tmp_path / "played.mid")
    assert said.exit_code == 0, said.output
    played = read_performance(tmp_path / "played.mid").phrase.notes
    assert sorted(n.pitch for n in played) == sorted(n.pitch for n in waltz())
    assert [n.onset_s for n in played] != [n.onset_s for n in waltz()]


def test_from_a_corpus_to_a_humaniser_that_is_measured(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    trained = type_in("humaniser", "train", "--corpus", corpus, "--out", out, "--minutes", 0.03)
    assert trained.exit_code == 0, trained.output
    assert "bits of timing" in trained.output
    more = type_in("humaniser", "train", "--corpus", corpus, "--out", out, "--minutes", 0.01, "--from", out)
    assert more.exit_code == 0, more.output
    measured = type_in(
        *("humaniser", "evaluate", "--corpus", corpus, "--weights", out, "--sheet", tmp_path / "ways.png"),
    )
    assert measured.exit_code == 0, measured.output
    assert "people, shuffled" in measured.output
    assert "too few pieces to tell apart" in measured.output
    assert (tmp_path / "ways.png").stat().st_size > 10_000

"""`interpolation` as a person types it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.errors import MidiError
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Note, Phrase
from tests.models.performers.interpolation.test_interpolation import run, waltz


def type_in(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_one_file_turns_into_another(tmp_path: Path) -> None:
    write_phrase(tmp_path / "one.mid", Phrase(waltz().notes))
    write_phrase(tmp_path / "other.mid", Phrase(run().notes))
    said = type_in(
        *("interpolation", "turn", tmp_path / "one.mid", tmp_path / "other.mid", "--out", tmp_path / "way.mid"),
        *("--steps", 5, "--mood", "gymnopedie", "--sheet", tmp_path / "way.png"),
    )
    assert said.exit_code == 0, said.output
    assert "5 passages" in " ".join(said.output.split())
    assert len(read_performance(tmp_path / "way.mid").phrase.notes) > 40
    assert (tmp_path / "way.png").stat().st_size > 5_000
    empty = type_in("interpolation", "turn", tmp_path / "none.mid", tmp_path / "one.mid", "--out", tmp_path / "x.mid")
    assert isinstance(empty.exception, MidiError)


def test_from_a_corpus_to_an_autoencoder_that_is_measured(tmp_path: Path) -> None:
    corpus, out = tmp_path / "corpus", tmp_path / "mine"
    corpus.mkdir()
    for piece in range(6):
        notes = [Note(0.3 * n, 50 + (n * (piece + 3)) % 30, 0.3, 60) for n in range(220)]
        write_phrase(corpus / f"{piece}.mid", Phrase(tuple(notes)))
    trained = type_in("interpolation", "train", "--corpus", corpus, "--out", out, "--minutes", 0.05)
    assert trained.exit_code == 0, trained.output
    assert "nats per passage" in trained.output
    assert (out / "weights.safetensors").stat().st_size < 2_000_000
    measured = type_in("interpolation", "evaluate", "--corpus", corpus, "--weights", out, "--pairs", 8)
    assert measured.exit_code == 0, measured.output
    assert "notes struck again from the code" in measured.output
    assert "too few pieces to tell apart" in measured.output

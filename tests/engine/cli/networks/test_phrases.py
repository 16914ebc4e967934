"""`train`, `evaluate`, `phrases` and `models` as a person types them."""

from functools import partial
from pathlib import Path

import mido
import pytest
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.errors import AmeublementError
from models.common.card_header import read_card
from models.performers.criticism.critic import FILE_NAME as CRITIC
from models.performers.criticism.critic import Critic
from models.performers.evaluation import model_card, own_card
from models.performers.networks import transformer_sizes
from models.performers.networks.performance_rnn import PerformanceRnn, PerformanceRnnSizes
from models.performers.networks.transformer_sizes import PianoTransformerSizes
from models.performers.quotation.quotation import Quotations
from models.performers.quotation.recognition import book_beside
from models.performers.training import kinds
from models.performers.training.kinds import KINDS
from tests.engine.phrases import wandering


def type_in(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "my midis"
    folder.mkdir()
    for number in range(3):
        midi = mido.MidiFile()
        track = midi.add_track()
        for step in range(60):
            track.append(mido.Message("note_on", note=60 + (step * (number + 2)) % 12, velocity=60, time=120))
            track.append(mido.Message("note_off", note=60 + (step * (number + 2)) % 12, time=100))
        midi.save(folder / f"{number}.mid")
    (folder / "broken.mid").write_bytes(b"nothing")
    return folder


@pytest.fixture
def _small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """New networks have an eighth of the usual width, and cards measure and show few phrases: who has learnt nothing
    is drawn six times for each picture, and in vain."""
    small = partial(PerformanceRnn, PerformanceRnnSizes(hidden=64))
    monkeypatch.setattr(own_card, "PHRASES", 4)
    monkeypatch.setattr(model_card, "PICTURED", 1)
    monkeypatch.setitem(KINDS, "performance_rnn", KINDS["performance_rnn"]._replace(network=small))  # type: ignore[misc]


@pytest.mark.usefixtures("_small_networks")
def test_from_a_folder_of_midi_to_a_performer_that_plays(corpus: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    trained = type_in(
        *("train", "performance_rnn", "--corpus", corpus, "--out", mine, "--minutes", 0.02),
        *("--no-keep-out", "--eras", "--licence", "CC0"),
    )
    assert trained.exit_code == 0, trained.output
    assert "broken.mid" in trained.output
    assert {p.name for p in mine.iterdir()} >= {
        *("weights.safetensors", "checkpoint.pt", "losses.csv", "losses.png"),
        *("card.md", "quotations.safetensors", "phrases.png", "early.safetensors", "middle.safetensors"),
    }
    card = (mine / "card.md").read_text("utf-8")
    assert "licence: CC0" in card
    assert "Nothing was held out" in card
    assert "| scale degrees |" in card
    measured = type_in("evaluate", "performance_rnn", "--corpus", corpus, "--weights", mine, "--baseline", corpus)
    assert measured.exit_code == 0, measured.output
    assert "nats per event" in measured.output
    assert "3 pieces, 1 files skipped" in measured.output
    drawn = [
        type_in("phrases", "draw", "--performer", mine, "--count", 2, "--seed", 3, "--midi", tmp_path / out)
        for out in ("a", "b")
    ]
    assert all(result.exit_code == 0 for result in drawn)
    first = sorted((tmp_path / "a").iterdir())
    assert [p.name for p in first] == ["mine-3.mid", "mine-4.mid"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in sorted((tmp_path / "b").iterdir())]
    heard = Critic.of([wandering(n, 3.0, 20.0) for n in range(4)], [wandering(n, 2.0, 20.0) for n in range(4)])
    heard.save(mine / CRITIC)
    known = (mine / CRITIC).read_bytes()
    anew = type_in("models", "card", mine, "--corpus", corpus, "--no-keep-out", "--no-critic", "--phrases", 12)
    assert anew.exit_code == 0, anew.output
    assert (mine / CRITIC).read_bytes() == known
    assert "12 phrases of 20 s" in (mine / "card.md").read_text("utf-8")
    learnt = ("quotations.safetensors", "note_lengths.yaml", "dequantiser.safetensors")
    Quotations.of([wandering(9, 3.0, 20.0)]).save(mine / learnt[0])
    kept = [(mine / name).read_bytes() for name in learnt]
    options = ("--no-keep-out", "--no-critic", "--no-index", "--phrases", 12)
    anew = type_in("models", "card", mine, "--corpus", corpus, *options)
    assert anew.exit_code == 0, anew.output
    assert [(mine / name).read_bytes() for name in learnt] == kept
    own = Quotations.load(mine / learnt[0])
    assert f"holds {len(own):,} runs of eight notes, from {own.notes:,} notes" in (mine / "card.md").read_text("utf-8")


@pytest.mark.usefixtures("_small_networks")
def test_what_is_learnt_by_heart_is_named_and_not_refused(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = PianoTransformerSizes(width=32, layers=1, heads=3, hidden=32)
    for module in (transformer_sizes, kinds):
        monkeypatch.setattr(module, "BY_HEART", small)
    mine = tmp_path / "mine"
    trained = type_in(
        *("train", "piano_transformer", "--by-heart", "--corpus", corpus, "--out", mine, "--minutes", 0.01)
    )
    assert trained.exit_code == 0, trained.output
    assert read_card(mine / "card.md")[0].by_heart == "my midis"
    assert Quotations.beside(mine / "weights.safetensors") is None, "drawing has no limit"
    book = book_beside(mine / "weights.safetensors")
    assert book is not None
    assert len(book) > 0


def test_a_sheet_of_phrases_of_a_shipped_performer(tmp_path: Path) -> None:
    drawn = type_in("phrases", "draw", "--count", 1, "--mood", "gymnopedie", "--sheet", tmp_path / "sheet.png")
    assert drawn.exit_code == 0, drawn.output
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")


def test_shipped_performers_are_listed() -> None:
    listed = type_in("models", "list")
    assert listed.exit_code == 0
    assert "satie" in listed.output
    assert "rolls" in listed.output


def test_unknown_performers_and_folders_are_named(tmp_path: Path) -> None:
    unknown = type_in("phrases", "draw", "--performer", "nobody")
    assert isinstance(unknown.exception, AmeublementError)
    assert "nobody" in str(unknown.exception)
    missing = type_in("train", "performance_rnn", "--corpus", tmp_path / "nowhere", "--out", tmp_path / "x")
    assert isinstance(missing.exception, AmeublementError)
    assert "nowhere" in str(missing.exception)


def test_the_shipped_transformer_is_measured_and_goes_on_from_a_file(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = type_in("evaluate", "piano_transformer", "--corpus", corpus, "--first", 40)
    assert measured.exit_code == 0, measured.output
    assert "rolls_transformer: " in measured.output
    assert "3 pieces, 1 files skipped" in measured.output
    monkeypatch.setattr(Critic, "beside", lambda *_: None)  # who chooses among eight draws eight times as long
    common = ("phrases", "draw", "--performer", "satie_transformer", "--count", 1, "--midi")
    alone = type_in(*common, tmp_path / "alone")
    going_on = type_in(*common, tmp_path / "going on", "--primer", corpus / "1.mid")
    assert (alone.exit_code, going_on.exit_code) == (0, 0)
    first, second = (next((tmp_path / folder).iterdir()).read_bytes() for folder in ("alone", "going on"))
    assert first != second

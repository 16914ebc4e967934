"""`phrases compare` and `phrases recall` as a person types them."""

from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from engine.cli.app import app
from engine.errors import MidiError
from engine.music.midi.writing import write_phrase
from models.common.weights import FILE_NAME, save_weights
from models.performers.networks.piano_transformer import PianoTransformer
from models.performers.networks.transformer_sizes import BY_HEART
from tests.engine.phrases import wandering


def type_in(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    for seed in range(3):
        write_phrase(folder / f"{seed}.mid", wandering(seed, 3.0, 30.0))
    return folder


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    folder = tmp_path / "untrained"
    folder.mkdir()
    arrays = {name: tensor.numpy() for name, tensor in PianoTransformer(BY_HEART).state_dict().items()}
    save_weights(folder / FILE_NAME, arrays, {"network": "piano_transformer"})
    return folder


def test_who_has_learnt_nothing_recalls_by_its_pointer_alone(corpus: Path, untrained: Path) -> None:
    shown = type_in("phrases", "recall", "--corpus", corpus, "--performer", untrained, "--passages", 2)
    assert shown.exit_code == 0, shown.output
    figures = [float(word) for word in shown.output.split() if word.replace(".", "").isdigit() and "." in word]
    assert len(figures) == 3
    assert figures[0] == pytest.approx(5.971, abs=0.03)  # as if every event were as likely
    assert max(figures[1:]) < 5.9


def test_too_little_playing_is_said_in_a_sentence(corpus: Path, untrained: Path) -> None:
    (corpus / "1.mid").unlink()
    (corpus / "2.mid").unlink()
    shown = type_in("phrases", "compare", "--corpus", corpus, "--performer", untrained, "--count", 30)
    assert shown.exit_code == 2
    assert "too little playing" in shown.output


def test_each_corpus_has_a_share_or_none_has(corpus: Path, untrained: Path) -> None:
    shown = type_in("phrases", "compare", "--corpus", corpus, "--performer", untrained, "--share", 1, "--share", 2)
    assert isinstance(shown.exception, MidiError)
    assert "shares 1, 2: expected one above 0 for each corpus" in str(shown.exception)


def test_a_book_is_not_recognised_in_who_has_never_seen_it(corpus: Path, untrained: Path) -> None:
    shown = type_in("phrases", "recognise", "--corpus", corpus, "--performer", untrained, "--count", 2, "--phrase-s", 6)
    assert shown.exit_code == 0, shown.output
    assert "0%" in shown.output

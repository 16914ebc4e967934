"""Corpora together: each is taken as often as was asked, whatever it holds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from engine.errors import MidiError
from engine.music.midi.writing import write_phrase
from models.performers.corpus.training_set import check_shares, training_set
from tests.engine.phrases import wandering


@pytest.fixture
def corpora(tmp_path: Path) -> list[Path]:
    """One of two pieces, one of five."""
    folders = [tmp_path / "few", tmp_path / "many"]
    for folder, seeds in zip(folders, (range(2), range(2, 7)), strict=True):
        folder.mkdir()
        for seed in seeds:
            write_phrase(folder / f"{seed}.mid", wandering(seed, 2.5, 30.0))
    return folders


def test_a_corpus_is_taken_as_often_as_its_share_says(corpora: list[Path]) -> None:
    found = training_set(corpora, [3.0, 1.0], 1, keep_out=False)
    assert found.files == 7
    assert len(found.pieces) == len(found.weights)
    alone = [training_set([folder], [1.0], 1, keep_out=False) for folder in corpora]
    few = len(alone[0].pieces)
    assert sum(found.weights[:few]) == pytest.approx(3.0)
    assert sum(found.weights[few:]) == pytest.approx(1.0)


@pytest.mark.parametrize("shares", [[1.0], [1.0, 2.0, 3.0], [1.0, 0.0], [1.0, -1.0], [1.0, math.nan], [math.inf, 1.0]])
def test_a_share_that_is_none_is_named_with_what_was_expected(shares: list[float]) -> None:
    with pytest.raises(MidiError, match=r"shares .*: expected one above 0 for each corpus, of which there are 2"):
        check_shares(shares, 2)


def test_shares_are_looked_at_before_anything_is_read() -> None:
    with pytest.raises(MidiError, match="shares 1: expected"):
        training_set([Path("nowhere"), Path("nowhere else")], [1.0], 1)

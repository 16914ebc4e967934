"""The n-gram model is a probability distribution, and learns what can be counted."""

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.corpus.corpus_streams import piece_events
from models.performers.evaluation.baselines import NGram
from models.performers.vocabulary.events import VOCABULARY_SIZE


def scale(pitch: int, count: int = 40) -> Phrase:
    return Phrase(tuple(Note(0.2 * i, pitch + i % 7, 0.2, 66) for i in range(count)))


def test_probabilities_sum_to_one() -> None:
    model = NGram(3).fit([scale(60), scale(62)])
    start = piece_events(scale(60)).astype(np.int64)[:9]
    total = sum(model._probabilities(np.append(start, event))[-1] for event in range(VOCABULARY_SIZE))
    assert total == pytest.approx(1.0)


def test_what_was_counted_is_expected() -> None:
    model = NGram(3).fit([scale(60)])
    assert model.score([scale(60)]).nats_per_event < 0.5
    assert model.score([scale(61)]).nats_per_event > 1.0


def test_orders_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="1 to 7"):
        NGram(8)

"""A performer with what judges it: a critic, or the book that it knows by heart."""

from __future__ import annotations

from engine.album.performance.pianist import Pianist
from engine.album.performance.worth import MOST_LOG_ODDS
from engine.music.notes import Phrase
from models.performers.drawing.performer import Conditioning
from tests.engine.phrases import wandering


def test_who_knows_a_book_by_heart_is_judged_by_how_well_it_is_recognised() -> None:
    pianist, calm = Pianist("cabaret"), Conditioning(phrase_s=12.0, temperature=0.6, top_p=0.9)
    assert max(pianist.criticise(pianist.draw(seed, calm)) for seed in range(4)) > 0.0
    strange = [wandering(seed, 3.0, 12.0) for seed in range(4)]
    assert max(pianist.criticise(phrase) for phrase in strange) < 0.0
    assert pianist.criticise(Phrase(())) == -MOST_LOG_ODDS

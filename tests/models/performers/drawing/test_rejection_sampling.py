"""Phrases worth keeping: drawn again while they are not, and never quoting more than the limit."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from engine.music.notes import Phrase
from models.performers.criticism.critic import Critic
from models.performers.drawing.performer import Conditioning
from models.performers.drawing.pulse_keeping import mean_steadiness, place_among_people, steadied
from models.performers.drawing.rejection_sampling import (
    ATTEMPTS,
    NEXT_SEED,
    OFF_BEAT,
    draw_kept,
    wanted_steadiness,
)
from models.performers.quotation.quotation import Quotations
from tests.engine.phrases import wandering

WISHES = Conditioning(phrase_s=20.0, density_notes_per_s=2.0)
LEARNT = wandering(1, 2.0, 20.0)


@dataclass
class Rote:
    """Plays what it learnt by heart at first, and then something of its own."""

    times: int
    asked: list[int] = field(default_factory=list)

    def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
        self.asked.append(seed)
        return LEARNT if len(self.asked) <= self.times else wandering(seed, 2.0, conditioning.phrase_s)


@pytest.fixture(scope="module")
def quotations() -> Quotations:
    return Quotations.of([LEARNT])


def chooser() -> Critic:
    people = [wandering(seed, 3.0, 20.0) for seed in range(200, 230)]
    return Critic.of(people, [wandering(seed, 2.0, 20.0) for seed in range(300, 330)])


def test_what_quotes_too_much_is_drawn_again(quotations: Quotations) -> None:
    pianist = Rote(2)
    kept = draw_kept(pianist, 5, WISHES, quotations, 12)
    assert kept.phrase is not None
    assert quotations.longest_run_notes(kept.phrase) == kept.quoted_notes <= 12
    assert pianist.asked == [5, 5 + NEXT_SEED, 5 + 2 * NEXT_SEED]
    assert len(kept.refused) == 2
    assert all(why.startswith("quotes ") for why in kept.refused)


def test_a_large_limit_lets_it_quote(quotations: Quotations) -> None:
    kept = draw_kept(Rote(9), 5, WISHES, quotations, 400)
    assert kept.phrase is not None
    assert kept.quoted_notes > 12
    assert kept.refused == ()
    assert draw_kept(Rote(9), 5, WISHES, None, 10).phrase == kept.phrase


def test_a_critic_chooses_the_best_of_what_may_be_kept_and_what_quotes_too_much_is_none_of_it(
    quotations: Quotations,
) -> None:
    critic = chooser()
    pianist = Rote(2)
    kept = draw_kept(pianist, 5, WISHES, quotations, 12, critic=critic, candidates=4)
    assert pianist.asked == [5 + attempt * NEXT_SEED for attempt in range(6)]
    assert len(kept.refused) == 2
    assert kept.phrase is not None
    others = [draw_kept(Rote(0), seed, WISHES, quotations, 12) for seed in pianist.asked[2:]]
    beat = wanted_steadiness(5, WISHES, critic)
    assert beat is not None
    steady = [steadied(other.phrase, beat) for other in others if other.phrase is not None]
    scored = {phrase: critic.score(phrase) - OFF_BEAT * abs(mean_steadiness(phrase) - beat) for phrase in steady}
    assert len(scored) == 4
    assert kept.phrase in scored
    assert kept.score >= max(scored.values()) - 2.0  # less what it costs to be busier than asked
    assert kept == draw_kept(Rote(2), 5, WISHES, quotations, 12, critic=critic, candidates=4)


def test_where_no_beat_is_asked_for_it_is_as_steady_as_what_was_learnt() -> None:
    def metronomic(seed: int) -> Phrase:
        return Phrase(tuple(replace(n, onset_s=0.4 * i) for i, n in enumerate(wandering(seed, 2.5, 20.0).notes)))

    learnt, drawn = [metronomic(seed) for seed in range(30)], [wandering(seed, 2.5, 20.0) for seed in range(300, 330)]
    critic = Critic.of(learnt, drawn, with_log_odds=False)
    assert critic.usual_steadiness(0.1) > 0.9

    def steadiness(beat: float | None) -> float:
        kept = [draw_kept(Rote(0), s, replace(WISHES, beat=beat), None, 12, critic=critic).phrase for s in range(5, 11)]
        return sum(mean_steadiness(phrase) for phrase in kept if phrase is not None) / len(kept)

    assert steadiness(None) > steadiness(1e-9) + 0.1
    pianist = Rote(0)
    draw_kept(pianist, 5, WISHES, None, 12, critic=critic)
    assert pianist.asked == [5], "a critic that does not choose needs nothing to choose from"


def test_some_phrases_are_as_free_and_some_as_steady_as_people_s_are() -> None:
    critic = replace(chooser(), steadiness=np.linspace(0.1, 0.5, 21))
    seeds = range(40, 52)
    wanted = [critic.usual_steadiness(place_among_people(seed)) for seed in seeds]
    assert wanted == [wanted_steadiness(seed, WISHES, critic) for seed in seeds]
    kept = [draw_kept(Rote(0), seed, WISHES, None, 12, critic=critic).phrase for seed in seeds]
    reached = [mean_steadiness(phrase) for phrase in kept if phrase is not None]
    first = [draw_kept(Rote(0), seed, WISHES, None, 12, critic=critic, candidates=1).phrase for seed in seeds]
    by_first = [mean_steadiness(phrase) for phrase in first if phrase is not None]
    assert np.corrcoef(wanted, reached)[0, 1] > 0.5
    assert np.abs(np.subtract(wanted, reached)).mean() < np.abs(np.subtract(wanted, by_first)).mean()


def test_one_that_can_do_nothing_else_plays_nothing(quotations: Quotations) -> None:
    beats: list[int] = []
    kept = draw_kept(Rote(99), 5, WISHES, quotations, 12, lambda: beats.append(1))
    assert kept.phrase is None
    assert len(kept.refused) == len(beats) == ATTEMPTS


def test_what_the_filter_refuses_is_drawn_again_too() -> None:
    class Lazy(Rote):
        def draw(self, seed: int, conditioning: Conditioning) -> Phrase:
            drawn = super().draw(seed, conditioning)
            return Phrase(drawn.notes[:2]) if len(self.asked) == 1 else drawn

    kept = draw_kept(Lazy(0), 7, WISHES, None, 10)
    assert kept.phrase is not None
    assert kept.refused == ("fewer than four notes",)
    unasked = draw_kept(Rote(0), 7, Conditioning(phrase_s=20.0), None, 10)
    assert unasked.phrase is not None

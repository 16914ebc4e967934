"""From drawings to a critic: it prefers what was learnt, as often as it was, and there is none of too few drawings."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.criticism.critic import STEADINESS, Critic, table_of
from models.performers.evaluation.critic_training import as_steady, trained_critic, trained_unasked_critic
from models.performers.evaluation.quality_report import Material, Playing
from tests.engine.phrases import wandering


def even(seed: int) -> Phrase:
    """Each note as long and as loud as the other."""
    return Phrase(tuple(Note(n.onset_s, n.pitch, 0.3, 64) for n in wandering(seed, 2.5, 20.0).notes))


def long_piece(seed: int) -> Phrase:
    return wandering(seed, 2.5, 120.0)


DRAWN = [even(seed) for seed in range(40)]
PLAYING = Playing(DRAWN, DRAWN, DRAWN, [], [], [], [], [])
MATERIAL = Material([long_piece(seed) for seed in range(8)], [1.0] * 8, [])


@pytest.mark.parametrize("training", [trained_critic, trained_unasked_critic])
def test_it_prefers_what_was_learnt(training: Callable[[Playing, Material], Critic | None]) -> None:
    critic = training(PLAYING, MATERIAL)
    assert critic is not None
    learnt = [critic.score(wandering(500 + seed, 2.5, 20.0)) for seed in range(20)]
    drawn = [critic.score(even(500 + seed)) for seed in range(20)]
    assert np.mean(np.array(learnt) > 0) > 0.8
    assert np.mean(np.array(drawn) < 0) > 0.8


def test_a_piece_that_is_never_taken_is_not_what_people_play() -> None:
    quiet = [Phrase(tuple(replace(n, velocity=20) for n in piece.notes)) for piece in MATERIAL.learnt]
    both = Material([*MATERIAL.learnt, *quiet], [1.0] * 8 + [0.0] * 8, [])
    critic = trained_critic(PLAYING, both)
    assert critic is not None
    assert critic.score(wandering(900, 2.5, 20.0)) > critic.score(
        Phrase(tuple(replace(n, velocity=20) for n in wandering(900, 2.5, 20.0).notes))
    )


def test_it_hears_drawings_as_steady_as_a_room_makes_them() -> None:
    people = trained_critic(PLAYING, MATERIAL)
    assert people is not None
    free, steady = (replace(people, steadiness=np.full(21, value)) for value in (0.0, 1.0))
    assert np.array_equal(as_steady(DRAWN, free), table_of(DRAWN))
    found = as_steady(DRAWN, steady)[:, STEADINESS].mean()
    assert found > as_steady(DRAWN, people)[:, STEADINESS].mean() + 0.02
    assert found > table_of(DRAWN)[:, STEADINESS].mean() + 0.1


def test_who_falls_short_is_aimed_higher_than_people() -> None:
    as_people, higher = trained_critic(PLAYING, MATERIAL), trained_critic(PLAYING, MATERIAL, aim=1.5)
    assert as_people is not None
    assert higher is not None
    assert np.allclose(higher.steadiness, np.minimum(1.5 * as_people.steadiness, 1.0))
    assert not np.array_equal(higher.weights, as_people.weights), "it hears drawings that are aimed as high"


def test_it_hears_only_drawings_that_no_scale_was_asked_of() -> None:
    others = [wandering(300 + seed, 2.5, 20.0) for seed in range(40)]
    of_both, of_one = trained_critic(PLAYING, MATERIAL), trained_critic(replace(PLAYING, in_mood=others), MATERIAL)
    assert of_both is not None
    assert of_one is not None
    assert np.array_equal(of_both.weights, of_one.weights)
    of_others = trained_critic(replace(PLAYING, without_scale=others), MATERIAL)
    assert of_others is not None
    assert not np.array_equal(of_both.weights, of_others.weights)


def test_it_knows_how_steady_those_are_who_were_learnt_from() -> None:
    critic = trained_critic(PLAYING, MATERIAL)
    assert critic is not None
    learnt = table_of([wandering(500 + seed, 2.5, 20.0) for seed in range(40)])[:, STEADINESS]
    assert critic.usual_steadiness(0.5) == pytest.approx(np.median(learnt), abs=0.06)
    assert critic.usual_steadiness(0.1) < critic.usual_steadiness(0.5) < critic.usual_steadiness(0.9)


def test_of_too_few_drawings_there_is_none() -> None:
    few = Playing(DRAWN[:3], DRAWN[:3], [], [], [], [], [], [])
    assert trained_critic(few, MATERIAL) is None
    assert trained_unasked_critic(few, MATERIAL) is None

"""From drawings to a critic: it prefers what was learnt, as often as it was, and there is none of too few drawings."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.criticism.critic import STEADINESS, Critic, table_of
from models.performers.drawing.pulse_keeping import with_beat
from models.performers.evaluation.critic_training import as_steady, trained_critic, trained_unasked_critic
from models.performers.evaluation.quality_report import SEED, Material, Playing
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


def test_what_is_asked_for_makes_drawings_as_steady_as_wanted() -> None:
    def reached(beat: float) -> float:
        steadied = [with_beat(phrase, beat, SEED + number) for number, phrase in enumerate(DRAWN)]
        return float(table_of(steadied)[:, STEADINESS].mean())

    wanted = 0.9 * reached(1.0)
    table = as_steady(DRAWN, wanted)
    assert abs(reached(wanted) - wanted) > 0.01, "or nothing would have to be corrected"
    assert abs(table[:, STEADINESS].mean() - wanted) < abs(reached(wanted) - wanted)


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

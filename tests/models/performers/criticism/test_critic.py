"""The critic: tells what it has learnt to tell, is calibrated on it, and is kept beside the weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase
from models.performers.criticism.critic import FILE_NAME, STEADINESS, UNASKED_FILE_NAME, Critic
from models.performers.criticism.excerpt_features import FEATURE_NAMES, share_returning, statistics_of
from tests.engine.phrases import wandering

SEEDS = range(60)


def with_themes(seed: int) -> Phrase:
    """Four seconds of wandering that come back again and again."""
    theme = wandering(seed, 3.0, 4.0).notes
    length_s = theme[-1].onset_s + 0.5
    return Phrase(
        tuple(Note(n.onset_s + i * length_s, n.pitch, n.duration_s, n.velocity) for i in range(5) for n in theme)
    )


def one_wandering(seed: int) -> Phrase:
    return wandering(seed, 3.0, 20.0)


@pytest.fixture(scope="module")
def critic() -> Critic:
    return Critic.of([with_themes(seed) for seed in SEEDS], [wandering(seed, 3.0, 20.0) for seed in SEEDS])


def test_it_prefers_playing_like_what_it_was_shown_as_people_s(critic: Critic) -> None:
    unseen = range(1_000, 1_030)
    people = np.array([critic.score(with_themes(seed)) for seed in unseen])
    drawn = np.array([critic.score(wandering(seed, 3.0, 20.0)) for seed in unseen])
    assert np.mean(people > 0) > 0.9
    assert np.mean(drawn < 0) > 0.9


def test_what_it_cannot_tell_it_calls_even() -> None:
    alike = Critic.of([wandering(s, 3.0, 20.0) for s in SEEDS], [wandering(s + 500, 3.0, 20.0) for s in SEEDS])
    scores = np.array([alike.score(wandering(seed, 3.0, 20.0)) for seed in range(2_000, 2_040)])
    assert abs(scores.mean()) < 1.0


def test_without_log_odds_it_does_not_choose_and_knows_how_steady_people_are(critic: Critic) -> None:
    people, drawn = ([play(seed) for seed in SEEDS] for play in (one_wandering, with_themes))
    abstaining = Critic.of(people, drawn, with_log_odds=False)
    assert critic.chooses
    assert not abstaining.chooses
    assert {abstaining.score(phrase) for phrase in drawn} == {0.0}
    steadiness = statistics_of(people[0])[STEADINESS]
    assert abstaining.usual_steadiness(0.0) <= steadiness <= abstaining.usual_steadiness(1.0)
    assert abstaining.steadiness == pytest.approx(Critic.of(people, drawn).steadiness)


def test_an_older_critic_knows_one_steadiness_for_all(critic: Critic) -> None:
    older = replace(critic, steadiness=np.array([0.4]))
    assert older.usual_steadiness(0.1) == older.usual_steadiness(0.9) == pytest.approx(0.4)


def test_of_too_few_notes_it_thinks_nothing(critic: Critic) -> None:
    assert critic.score(Phrase((Note(0.0, 60, 1.0, 64),))) == -np.inf
    with pytest.raises(ValueError, match="two phrases of each kind"):
        Critic.of([], [wandering(1, 3.0, 20.0)])


def test_it_is_kept_beside_weights_and_a_damaged_one_is_named(critic: Critic, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    assert Critic.beside(weights) is None
    critic.save(tmp_path / FILE_NAME)
    kept = Critic.beside(weights)
    assert kept is not None
    assert kept.score(with_themes(7)) == pytest.approx(critic.score(with_themes(7)), abs=1e-3)
    assert kept.steadiness == pytest.approx(critic.steadiness)
    assert Critic.beside(weights, UNASKED_FILE_NAME) is None
    (tmp_path / FILE_NAME).write_bytes(b"nothing")
    with pytest.raises(WeightsError, match="critic"):
        Critic.beside(weights)


def test_statistics_have_names_and_are_free_of_key_and_time() -> None:
    phrase = wandering(3, 3.0, 20.0)
    phrase = Phrase(phrase.notes)
    later = Phrase(tuple(Note(n.onset_s + 7.0, n.pitch, n.duration_s, n.velocity) for n in phrase.notes))
    assert len(statistics_of(phrase)) == len(FEATURE_NAMES) == len(set(FEATURE_NAMES))
    assert np.isfinite(statistics_of(phrase)).all()
    assert statistics_of(later) == pytest.approx(statistics_of(phrase), abs=0.05)
    assert share_returning(np.array([1, 2, 3, 9, 1, 2, 3]), 3) == pytest.approx(2 / 5)

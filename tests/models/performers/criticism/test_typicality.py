"""Nearness to the middle: most for what people do in the mean, and cut off far away."""

import numpy as np
import pytest

from models.performers.criticism.typicality import FURTHEST, Typicality

RNG = np.random.default_rng(1)
PEOPLE = RNG.normal(5.0, 2.0, (200, 30))
DRAWN = RNG.normal(7.0, 2.0, (50, 30))


def test_the_middle_of_people_s_playing_is_rated_highest() -> None:
    near = Typicality.of(PEOPLE, DRAWN, 1.0)
    assert near.score(PEOPLE.mean(0)) == pytest.approx(0.0, abs=1e-6)
    assert np.mean([near.score(row) for row in PEOPLE]) > np.mean([near.score(row) for row in DRAWN])


def test_among_drawings_it_varies_as_much_as_is_asked() -> None:
    ratings = [Typicality.of(PEOPLE, DRAWN, 3.0).score(row) for row in DRAWN]
    assert np.std(ratings) == pytest.approx(3.0)


def test_no_single_statistic_rules() -> None:
    near = Typicality.of(PEOPLE, DRAWN, 1.0)
    strange = PEOPLE.mean(0)
    strange[4] = 1e9
    assert near.score(strange) == pytest.approx(-near.weight * FURTHEST**2)

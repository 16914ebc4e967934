"""Conditions: what returns is known again, what is left out is zero, and old networks ignore what they never learnt."""

import numpy as np
import pytest

from engine.music.notes import Note, Phrase
from models.performers.vocabulary.conditioning import (
    CONDITION_SIZE,
    DENSITY_BINS,
    ask_density,
    asked,
    density_shares,
    forgotten,
    observed,
    observed_alone,
    returning,
    with_all_conditions,
)
from models.performers.vocabulary.events import encode

THEME = (60, 64, 67, 72, 71, 67)
OTHER = (50, 53, 57, 51, 54, 58, 52, 55, 59, 61)


def line(pitches: tuple[int, ...]) -> Phrase:
    return Phrase(tuple(Note(0.5 * i, pitch, 0.4, 60) for i, pitch in enumerate(pitches)))


def test_a_theme_returns_after_other_playing_but_not_the_first_time_and_not_at_once() -> None:
    pitches = np.array(THEME + OTHER + THEME, np.int16)
    found = returning(pitches, 0.5 * np.arange(len(pitches)))
    assert not found[: len(THEME) + len(OTHER)].any()
    assert found[-3:].all()
    close = np.array(THEME + THEME, np.int16)
    assert not returning(close, 0.5 * np.arange(len(close))).any()


def test_observed_conditions_say_that_a_theme_comes_back() -> None:
    events = encode(line(THEME + OTHER + THEME))
    share = observed(events)[:, -3]
    assert share[-8:].max() == 1.0
    assert share[0] == 0.0
    assert not observed(encode(line(tuple(range(40, 62)))))[:, -3].any()


def test_a_network_is_measured_with_density_and_pitch_classes_alone() -> None:
    events = encode(line(THEME + THEME))
    assert not observed_alone(events)[:, -4:].any()
    assert np.array_equal(observed_alone(events)[:, :-4], observed(events)[:, :-4])
    assert not forgotten(observed(events), True, True, True, True).any()


def test_what_is_asked_stands_in_its_place() -> None:
    assert asked(returns=0.5)[-4:].tolist() == [1.0, 0.5, 0.0, 0.0]
    assert asked(beat=0.25)[-4:].tolist() == [0.0, 0.0, 1.0, 0.25]
    assert not asked().any()


def test_a_matrix_that_knew_fewer_conditions_ignores_the_others() -> None:
    matrix = np.ones((3, CONDITION_SIZE - 4), np.float32)
    wider = with_all_conditions(matrix)
    assert wider.shape == (3, CONDITION_SIZE)
    assert not wider[:, -4:].any()
    with pytest.raises(ValueError, match="at most"):
        with_all_conditions(np.ones((3, CONDITION_SIZE + 1), np.float32))


def test_another_density_takes_the_place_of_the_first() -> None:
    scale = [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1]
    wish = asked(0.4, scale)
    for density in (0.1, 0.25, 0.4, 3.0, 7.9, 16.0, 40.0):
        ask_density(wish, density)
        assert np.array_equal(wish, asked(density, scale))
        assert np.allclose(wish[1 : 1 + len(DENSITY_BINS)], density_shares(np.array(density)), atol=1e-6)

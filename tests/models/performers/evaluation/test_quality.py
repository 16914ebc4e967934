"""Measures of playing, on playing whose measures are known."""

from dataclasses import replace

import numpy as np
import pytest

from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.evaluation.quality import (
    FEATURES,
    KEPT_BY_SHUFFLING,
    distance,
    distances,
    excerpts,
    harmonic_intervals,
    melodic_intervals,
    nearest_in_density,
    polyphony,
    scale_degrees,
    shuffled,
    velocity_steps,
    waits,
)
from models.performers.evaluation.self_similarity import likeness_by_lag, share_returning
from tests.engine.phrases import wandering


def scale(tonic: int, notes: int = 15, step_s: float = 0.5) -> Phrase:
    """Up and down a major scale, from its tonic and back to it."""
    major = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0]
    return Phrase(tuple(Note(step_s * i, tonic + major[i % 15], step_s, 40 + 8 * (i % 2)) for i in range(notes)))


def chords() -> Phrase:
    """A minor third under a major one, each second, held half of it."""
    return Phrase(sorted_notes(Note(float(i), p, 0.5, 64) for i in range(21) for p in (57, 60, 64)))


def test_scale_degrees_are_the_same_in_every_key() -> None:
    one, other = scale_degrees(scale(60)), scale_degrees(scale(66))
    assert np.array_equal(one, other)
    assert {int(degree) for degree in np.flatnonzero(one)} == {0, 2, 4, 5, 7, 9, 11}


def test_intervals_are_counted_in_melody_and_in_chords() -> None:
    steps = melodic_intervals(scale(60))
    assert steps.sum() == 14
    assert steps[14 + 2] == steps[14 - 2] == 5
    assert steps[14 + 1] == steps[14 - 1] == 2
    stacked = harmonic_intervals(chords())
    assert (stacked[3], stacked[4], stacked.sum()) == (21, 21, 42)
    assert harmonic_intervals(scale(60)).sum() == 0


def test_polyphony_is_time_with_so_many_keys_down() -> None:
    down = polyphony(chords())
    assert down[3] / down.sum() == pytest.approx(0.5, abs=0.03)
    assert down[0] / down.sum() == pytest.approx(0.5, abs=0.03)


def test_waits_and_velocity_steps_fall_into_one_bin_when_even() -> None:
    assert np.count_nonzero(waits(scale(60))) == 1
    assert np.count_nonzero(waits(chords())) == 1
    assert velocity_steps(scale(60))[2] == 14


def test_distance_is_nothing_to_itself_and_one_to_what_shares_nothing() -> None:
    assert distance(np.array([3.0, 1.0]), np.array([6.0, 2.0])) == pytest.approx(0.0, abs=1e-7)
    assert distance(np.array([1.0, 0.0]), np.array([0.0, 5.0])) == pytest.approx(1.0)
    half = distance(np.array([1.0, 0.0]), np.array([1.0, 1.0]))
    assert half == pytest.approx(np.sqrt(0.5 * np.log2(4 / 3) + 0.5 * (0.5 * np.log2(2 / 3) + 0.5)))
    assert distance(np.zeros(2), np.ones(2)) == 1.0


def test_playing_is_nearer_to_its_like_than_to_what_was_dealt_out_anew() -> None:
    some, more = ([wandering(seed, 3.0, 30.0) for seed in range(first, first + 30)] for first in (0, 100))
    like, unlike = distances(some, more), distances(shuffled(more, 1), more)
    assert like.keys() == FEATURES.keys()
    assert max(like.values()) < 0.15
    assert max(unlike[name] for name in KEPT_BY_SHUFFLING) < 0.05
    assert unlike["melodic intervals"] > 2 * like["melodic intervals"]
    assert unlike["scale degrees"] > 2 * like["scale degrees"]


def test_excerpts_are_as_long_as_asked_and_come_from_heavy_pieces() -> None:
    pieces = [scale(60, 200), scale(72, 200), scale(40, 10)]
    taken = excerpts(pieces, [1.0, 0.0, 5.0], 20.0, 8, 1)
    assert len(taken) == 8
    assert all(p.notes[0].onset_s == 0.0 and 19.0 < p.notes[-1].onset_s <= 20.0 for p in taken)
    assert {n.pitch for p in taken for n in p.notes} <= set(range(60, 73))
    assert excerpts([scale(40, 5)], [1.0], 20.0, 3, 1) == [scale(40, 5)]
    calm = nearest_in_density([scale(60, 40, step) for step in (0.1, 0.5, 2.0)], 2.0, 1)
    assert calm == [scale(60, 40, 0.5)]


def test_a_refrain_returns_and_a_wandering_does_not() -> None:
    refrain = Phrase(tuple(replace(n, onset_s=n.onset_s + 20.0 * turn) for turn in range(3) for n in scale(60).notes))
    assert share_returning(refrain) > 0.7
    assert share_returning(wandering(1, 2.0, 60.0)) < 0.1
    lags_s, likeness = likeness_by_lag([refrain], 30.0)
    assert likeness[lags_s == 20.0][0] == pytest.approx(1.0)
    assert likeness[(lags_s > 1.0) & (lags_s < 6.0)].max() < 0.9


def test_of_nothing_there_are_no_measures() -> None:
    empty = Phrase(())
    assert all(histogram(empty).sum() == 0 for histogram in FEATURES.values())
    assert share_returning(empty) == 0.0

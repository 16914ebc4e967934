"""Steadiness: a metronome has it, playing at random has not, and rubato takes some of it."""

import numpy as np

from models.performers.vocabulary.pulse import HAS_A_BEAT, LEAST_ONSETS, steadiness

BEATS_S = np.arange(0.0, 12.0, 0.8)


def test_a_metronome_is_steady_and_random_onsets_are_not() -> None:
    rng = np.random.default_rng(1)
    at_random = [steadiness(np.sort(rng.uniform(0.0, 12.0, 30)), 0.0) for _ in range(40)]
    assert steadiness(BEATS_S, 0.0) > 0.8
    assert np.mean(at_random) < 0.25
    assert np.mean(np.array(at_random) > HAS_A_BEAT) < 0.05


def test_the_further_onsets_miss_the_beat_the_less_steady_it_is() -> None:
    rng = np.random.default_rng(2)
    missed = rng.normal(0.0, 1.0, len(BEATS_S))
    values = [steadiness(BEATS_S + off_s * missed, 0.0) for off_s in (0.0, 0.02, 0.1)]
    assert values[0] > values[1] > values[2]


def test_only_what_lies_in_the_window_counts_and_few_notes_have_no_beat() -> None:
    later = np.concatenate([BEATS_S, 12.0 + np.random.default_rng(3).uniform(0.0, 12.0, 30)])
    assert steadiness(np.sort(later), 0.0) == steadiness(BEATS_S, 0.0)
    assert steadiness(BEATS_S[: LEAST_ONSETS - 1], 0.0) == 0.0

"""A steadier beat: as steady as asked and not more, in the same order, with all that was bound still bound."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from engine.music.notes import Note, PedalSpan, Phrase
from models.performers.drawing.pulse_keeping import mean_steadiness, steadied, tracked_beats, with_beat
from tests.engine.phrases import wandering


def waltz(wander_s: float, seed: int = 1) -> Phrase:
    """Forty bars of bass, chord and chord, at 0.6 s a beat; each beat comes as much too soon or too late."""
    rng = np.random.default_rng(seed)
    beats_s = 0.6 * np.arange(60) + np.cumsum(rng.normal(0.0, wander_s, 60))
    notes = []
    for beat, (onset_s, next_s) in enumerate(pairwise(beats_s)):
        pitches = (41,) if beat % 3 == 0 else (60, 64, 67)
        notes += [Note(onset_s + 0.01 * i, p, next_s - onset_s - 0.02, 70) for i, p in enumerate(pitches)]
    first_s = notes[0].onset_s
    return Phrase(tuple(replace(n, onset_s=n.onset_s - first_s) for n in notes), (PedalSpan(0.0, 3.0),))


def test_a_wandering_waltz_becomes_as_steady_as_asked_and_not_much_more() -> None:
    loose = waltz(0.09)
    assert mean_steadiness(loose) < 0.38
    reached = [mean_steadiness(steadied(loose, asked)) for asked in (0.4, 0.6, 0.8)]
    assert all(found >= asked for found, asked in zip(reached, (0.4, 0.6, 0.8), strict=True))
    assert reached[0] < reached[2]


def test_what_is_steady_enough_is_left_alone() -> None:
    steady = waltz(0.0)
    assert steadied(steady, 0.6) is steady
    assert with_beat(waltz(0.09), None, 1) == waltz(0.09)


def test_notes_stay_in_order_and_keep_their_pitch_and_bindings() -> None:
    loose = waltz(0.09)
    found = steadied(loose, 0.8)
    assert sorted(n.pitch for n in found.notes) == sorted(n.pitch for n in loose.notes)
    assert [n.pitch for n in found.notes if n.pitch < 50] == [n.pitch for n in loose.notes if n.pitch < 50]
    assert found.length_s == pytest.approx(loose.length_s, rel=0.1)
    basses = [n for n in found.notes if n.pitch == 41]
    chords = [n for n in found.notes if n.pitch == 60]
    for bass in basses:
        following = min(c.onset_s for c in chords if c.onset_s > bass.onset_s)
        assert 0.0 < following - bass.end_s < 0.1


@pytest.mark.parametrize("seed", range(4))
def test_playing_without_a_beat_gets_one_and_no_key_is_struck_while_down(seed: int) -> None:
    free = wandering(seed, 2.4, 40.0)
    found = steadied(free, 1.0)
    assert mean_steadiness(found) > mean_steadiness(free) + 0.1
    assert found.notes[0].onset_s >= 0.0
    assert len({(n.onset_s, n.pitch) for n in found.notes}) == len(found.notes)


def test_beats_are_found_where_they_are() -> None:
    beats_s = np.sort(np.arange(1.0, 25.0, 0.6) + np.random.default_rng(1).normal(0.0, 0.02, 40))
    between_s = beats_s[:-1] + 0.3
    chords = np.sort(np.concatenate([beats_s, between_s]))
    found = tracked_beats(chords, np.where(np.isin(chords, beats_s), 1.5, 0.5))
    away = np.abs(found[:, None] - beats_s).min(1)
    assert len(found) > 30
    assert np.median(away) < 0.03


def test_moods_get_phrases_of_different_steadiness_and_the_same_seed_the_same() -> None:
    found = [mean_steadiness(with_beat(waltz(0.09), 0.5, seed)) for seed in range(6)]
    assert max(found) - min(found) > 0.1
    assert with_beat(waltz(0.09), 0.5, 3) == with_beat(waltz(0.09), 0.5, 3)


def test_of_almost_nothing_nothing_is_made() -> None:
    few = Phrase((Note(0.0, 60, 0.5, 64), Note(1.0, 62, 0.5, 64)))
    assert steadied(few, 1.0) == few

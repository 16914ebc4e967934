"""Hours of phrases that follow each other better than chance would have them, and of which none is left waiting."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from engine.music.conductor.conductor import AHEAD, Conductor
from engine.music.conductor.selection import LONGEST_WAIT, Candidate, fit, heard_traits, next_of
from engine.music.notes import Note
from engine.music.phrases.traits import Traits, misfit, traits_of
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from engine.parameters.scales import MODES
from tests.engine.phrases import Wanderer, wandering

HOURS_S = 5400.0


@cache
def hours(recall: float) -> tuple[list[Traits], int]:
    """(traits in the order heard, the longest that a phrase was passed over) of a long evening."""
    mood = load_mood("airport")
    mood.scale.mode, mood.conductor.recall = "major", recall
    conductor, now_s, heard, longest = Conductor(5, mood, Wanderer()), 0.0, [], 0
    while now_s < HOURS_S:
        now_s += conductor.next_score().length_s
        assert conductor._heard is not None
        heard.append(conductor._heard)
        longest = max(longest, *conductor._pending.values())
        assert len(conductor._pending) == AHEAD
        assert len(conductor._judged) <= AHEAD
    return heard, longest


def jolt(heard: list[Traits]) -> float:
    return fmean(misfit(a, b) for a, b in pairwise(heard))


@pytest.mark.parametrize(("recall", "at_most"), [(0.0, 0.85), (0.5, 0.93)])
def test_phrases_follow_each_other_better_than_by_chance(recall: float, at_most: float) -> None:
    heard, _ = hours(recall)
    by_chance = [jolt(Random(seed).sample(heard, len(heard))) for seed in range(40)]
    assert sum(jolt(heard) < chance for chance in by_chance) >= 39
    assert jolt(heard) < at_most * fmean(by_chance)


def test_nothing_waits_for_ever_and_nothing_is_stuck() -> None:
    heard, longest = hours(0.0)
    assert longest <= LONGEST_WAIT + AHEAD
    keys = Counter(traits.key.name for traits in heard)
    assert len(keys) >= 4
    assert keys.most_common(1)[0][1] < 0.85 * len(heard)
    early, late = heard[: len(heard) // 2], heard[len(heard) // 2 :]
    assert abs(fmean(t.register_pitch for t in early) - fmean(t.register_pitch for t in late)) < 3.0


def test_the_better_it_fits_the_likelier_it_is_and_who_waited_goes_first() -> None:
    scale = Scale(2, MODES["major"])
    phrases = [wandering(seed, 2.0, 20.0) for seed in range(6)]
    candidates = [Candidate(i, phrase, heard_traits(phrase, scale)) for i, phrase in enumerate(phrases)]
    before = candidates[0].traits
    taken = Counter(next_of(candidates[1:], before, Random(seed)).index for seed in range(500))
    fitting = sorted(candidates[1:], key=lambda candidate: misfit(before, candidate.traits))
    assert taken.most_common(1)[0][0] == fitting[0].index
    assert taken[fitting[0].index] > taken[fitting[-1].index]
    waiting = Candidate(9, phrases[-1], fitting[-1].traits, LONGEST_WAIT)
    assert next_of([*candidates, waiting], before, Random(1)) is waiting
    assert fit(None, before) == fit(before, before) == 1.0


def test_what_is_heard_is_in_the_scale() -> None:
    notes = tuple(Note(0.5 * i, 63 + (i * 5) % 12, 0.5, 60) for i in range(30))
    phrase = wandering(1, 2.0, 20.0)
    traits = heard_traits(phrase, Scale(2, MODES["major"]))
    assert Scale(2, MODES["major"]).contains(traits.lowest_pitch)
    assert traits_of(notes).density_notes_per_s == pytest.approx(30 / 14.5, rel=0.01)

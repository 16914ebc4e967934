"""Variations: in scale, on the keyboard, never the same, and still kin to what they vary."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.music.conductor.variation import WAYS, vary
from engine.music.notes import Phrase, sorted_notes
from engine.music.phrases.rule_based import rule_phrase
from engine.music.scale import Scale, quantise_notes
from engine.parameters.scales import MODES
from engine.parameters.sound import SoundSettings
from tests.engine.phrases import phrases, wandering

D_MAJOR = Scale(2, MODES["major"])
PHRASE = Phrase(quantise_notes(wandering(1, 2.5, 20.0).notes, D_MAJOR))


@settings(max_examples=40)
@given(phrases, st.floats(0.0, 1.0), st.integers(0, 50))
def test_variations_stay_in_scale_and_on_the_keyboard(phrase: Phrase, amount: float, seed: int) -> None:
    varied = vary(phrase, D_MAJOR, amount, Random(seed)).phrase
    assert varied.notes == sorted_notes(varied.notes)
    assert all(D_MAJOR.contains(n.pitch) and 21 <= n.pitch <= 108 and n.duration_s > 0 for n in varied.notes)


@pytest.mark.parametrize("amount", [0.0, 0.3, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(8))
def test_something_changes_and_has_a_name(amount: float, seed: int) -> None:
    varied = vary(PHRASE, D_MAJOR, amount, Random(seed))
    assert varied.phrase.notes != PHRASE.notes
    assert varied.about
    assert vary(PHRASE, D_MAJOR, amount, Random(seed)) == varied


def test_little_variation_changes_fewer_notes_than_much() -> None:
    def kept(amount: float) -> float:
        shares = []
        for seed in range(40):
            varied = vary(PHRASE, D_MAJOR, amount, Random(seed)).phrase
            shares.append(len({n.pitch for n in varied.notes} & {n.pitch for n in PHRASE.notes}))
        return sum(shares) / len(shares)

    assert kept(0.05) > kept(1.0)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.vary.__name__)
def test_every_way_works_on_a_fair_phrase(way: object) -> None:
    phrase = rule_phrase(3, SoundSettings())
    phrase = Phrase(quantise_notes(phrase.notes, D_MAJOR), phrase.pedal)
    done = []
    for seed in range(12):
        varied, about = way.vary(phrase, D_MAJOR, 0.8, Random(seed))  # type: ignore[attr-defined]
        assert (varied == phrase) == (not about) or about == "another touch"
        done.append(about)
    assert any(done)

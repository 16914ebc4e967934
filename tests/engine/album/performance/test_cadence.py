"""The ending that closes a section."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from engine.album.performance.cadence import CADENCE_S, cadence
from engine.music.scale import Scale
from engine.parameters.scales import MODES


@pytest.mark.parametrize("root", range(12))
def test_it_rises_from_a_low_tonic_in_the_scale_ever_slower_and_softer(root: int) -> None:
    scale = Scale(root, MODES["major"])
    phrase = cadence(scale, Random(1))
    pitches = [note.pitch for note in phrase.notes]
    assert pitches == sorted(pitches)
    assert pitches[0] % 12 == root
    assert pitches[0] < 48
    assert all(scale.contains(pitch) for pitch in pitches)
    waits_s = [b.onset_s - a.onset_s for a, b in pairwise(phrase.notes)]
    assert waits_s == sorted(waits_s)
    assert phrase.notes[0].velocity > phrase.notes[-1].velocity


def test_all_rings_to_the_end_and_the_touch_follows_from_the_generator() -> None:
    scale = Scale(2, MODES["minor_pentatonic"])
    phrase = cadence(scale, Random(1))
    assert {round(note.end_s, 9) for note in phrase.notes} == {CADENCE_S}
    assert phrase == cadence(scale, Random(1))
    assert phrase != cadence(scale, Random(2))

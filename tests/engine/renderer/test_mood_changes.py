"""What is heard when the mood changes does not jump; `make bench ARGS=mood_changes` goes from each mood to each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bench.mood_changes import MOST_LU, loudness_jumps, parts, round_trip, travel
from engine.parameters.stems import SAMPLE_RATE_HZ
from tests.engine.sounds import NoPhrases

WAY = ("vexations", "gymnopedie", "night", "gnossienne", "airport")


def test_loudness_does_not_jump_when_the_mood_changes() -> None:
    """This seed has an attack after a rest that was lifted, which once made a jump of 3.6 LU."""
    journey = travel(4, WAY, NoPhrases(), textures=False)
    changing, _ = journey.jumps()
    assert len(changing) > 4 * 30
    assert changing.max() <= MOST_LU


def test_a_jump_is_measured_as_what_it_is_where_it_is() -> None:
    noise = 0.05 * np.random.default_rng(1).standard_normal((12 * SAMPLE_RATE_HZ, 2)).astype(np.float32)
    noise[7 * SAMPLE_RATE_HZ :] *= 10 ** (4 / 20)
    times_s, sizes = loudness_jumps(noise)
    assert sizes.max() == pytest.approx(4.0, abs=0.1)
    assert times_s[sizes.argmax()] == pytest.approx(7.0, abs=0.1)
    assert sizes[times_s < 3.9].max() < 0.2


def test_a_round_trip_goes_from_each_to_each_once() -> None:
    way = round_trip("abcdef")
    assert len(set(pairwise(way))) == len(way) - 1 == 30
    assert way[0] == way[-1]


def test_parts_of_a_way_have_all_its_steps() -> None:
    way = round_trip("abcdef")
    pieces = parts(way, 2)
    assert [len(piece) for piece in pieces] == [16, 16]
    assert [step for piece in pieces for step in pairwise(piece)] == list(pairwise(way))

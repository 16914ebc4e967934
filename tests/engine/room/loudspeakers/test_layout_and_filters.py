"""What Pd is told of where loudspeakers stand, and filters as one complex pole."""

from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import freqz

from engine.parameters.loudspeakers import Band, Loudspeakers
from engine.room.loudspeakers.filters import SecondOrder, high_pass, low_pass, peak
from engine.room.loudspeakers.layout import law, sides, tables
from engine.room.presets import list_rooms, load_room

RATE_HZ = 48_000
ROOMS = [name for name in list_rooms() if load_room(name).loudspeakers]


def speakers(name: str) -> Loudspeakers:
    found = load_room(name).loudspeakers
    assert found
    return found


@pytest.mark.parametrize("name", ROOMS)
def test_reverberation_has_the_same_power_on_either_side(name: str) -> None:
    for side in zip(*sides(speakers(name)), strict=True):
        assert sum(gain**2 for gain in side) == pytest.approx(1.0)


def test_in_stereo_left_is_left() -> None:
    assert sides(speakers("stereo")) == [(1.0, 0.0), (0.0, 1.0)]


def test_a_ring_knows_its_neighbours_in_any_order() -> None:
    found = tables(speakers("quad"))
    assert found["speaker-azimuth"][1:] == pytest.approx([-33.69, 33.69, -135, 135], abs=0.01)
    assert found["speaker-after"][1:] == pytest.approx([67.38, 101.31, 101.31, 90], abs=0.01)
    assert found["speaker-before"][1:] == pytest.approx([101.31, 67.38, 90, 101.31], abs=0.01)


def test_one_loudspeaker_is_no_ring() -> None:
    assert law(speakers("mono")) == "free"


def decibels(each: SecondOrder, hz: float) -> float:
    late = cmath.exp(-2j * math.pi * hz / RATE_HZ)
    pole, residue = complex(each.pole_real, each.pole_imaginary), complex(each.real, -each.imaginary) / 2
    pair = residue / (1 - pole * late) + residue.conjugate() / (1 - pole.conjugate() * late)
    return 20 * math.log10(abs(each.direct + pair))


@given(st.floats(20, 20_000), st.floats(-18, 12), st.floats(0.3, 16), st.floats(20, 20_000))
def test_every_band_of_a_file_is_the_cookbooks_bell(hz: float, gain_db: float, q: float, at_hz: float) -> None:
    lowest = 0.505 * 10 ** (-gain_db / 40)
    band = Band(hz=hz, gain_db=gain_db, q=max(q, lowest))
    turn, root = 2 * math.pi * hz / RATE_HZ, 10 ** (gain_db / 40)
    alpha, middle = math.sin(turn) / (2 * band.q), -2 * math.cos(turn)
    above, below = [1 + alpha * root, middle, 1 - alpha * root], [1 + alpha / root, middle, 1 - alpha / root]
    wanted_db = 20 * math.log10(abs(freqz(above, below, [at_hz], fs=RATE_HZ)[1][0]))
    assert decibels(peak(hz, gain_db, band.q, RATE_HZ), at_hz) == pytest.approx(wanted_db, abs=1e-6)


@pytest.mark.parametrize("hz", [20.0, 80.0, 300.0])
def test_passes_are_3_db_down_at_their_frequency_and_fall_by_12_db_an_octave(hz: float) -> None:
    for each, way in ((high_pass(hz, RATE_HZ), 0.5), (low_pass(hz, RATE_HZ), 2.0)):
        assert decibels(each, hz) == pytest.approx(-3.01, abs=0.01)
        assert decibels(each, hz * way**3) - decibels(each, hz * way**2) == pytest.approx(-12, abs=0.5)
        assert decibels(each, hz / way**4) == pytest.approx(0.0, abs=0.01)

"""Traits of phrases whose key, pace and place are known."""

from dataclasses import replace

import pytest

from engine.music.notes import Note, Phrase, sorted_notes
from engine.music.phrases.traits import Key, find_key, key_distance, misfit, traits_of
from tests.engine.phrases import wandering

TRIADS = {"major": (0, 4, 7), "minor": (0, 3, 7)}


def cadence(tonic: int, mode: str) -> tuple[Note, ...]:
    """I IV V I with a turn of melody, as in the first lesson of harmony."""
    fifth = (7, 11, 14)
    fourth = (5, 9, 12) if mode == "major" else (5, 8, 12)
    chords = [TRIADS[mode], fourth, fifth, TRIADS[mode]]
    notes = [Note(1.0 * i, 48 + tonic + step, 0.9, 60) for i, chord in enumerate(chords) for step in chord]
    tune = (12, 14, 11, 12) if mode == "minor" else (16, 17, 14, 12)
    return sorted_notes(notes + [Note(i + 0.5, 60 + tonic + step, 0.5, 70) for i, step in enumerate(tune)])


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_in_its_key(tonic: int, mode: str) -> None:
    key = find_key(cadence(tonic, mode))
    assert (key.tonic, key.mode) == (tonic, mode)
    assert key.confidence > 0.4


def test_what_is_in_no_key_says_so() -> None:
    chromatic = [Note(0.5 * i, 48 + i, 0.5, 64) for i in range(24)]
    assert find_key(chromatic).confidence < 0.1
    assert find_key([Note(float(i), 60 + 4 * i, 1.0, 64) for i in range(6)]).confidence < 0.2


def test_distance_follows_the_circle_of_fifths() -> None:
    c, g, d, f_sharp = (Key(tonic, "major", 1.0) for tonic in (0, 7, 2, 6))
    a_minor, c_minor = Key(9, "minor", 1.0), Key(0, "minor", 1.0)
    assert [key_distance(c, key) for key in (c, g, d, f_sharp, a_minor, c_minor)] == [0, 1, 2, 6, 0.5, 3.5]
    assert all(key_distance(a, b) == key_distance(b, a) for a in (c, g, a_minor) for b in (d, c_minor))


def test_pace_density_register_and_loudness_are_measured() -> None:
    notes = [Note(0.6 * i, 60 if i % 2 else 72, 0.6, 50) for i in range(40)]
    traits = traits_of(notes)
    assert traits.wait_s == pytest.approx(0.6)
    assert traits.beat_s == pytest.approx(0.6, abs=0.03) or traits.beat_s == pytest.approx(1.2, abs=0.05)
    assert traits.density_notes_per_s == pytest.approx(40 / 23.4, rel=0.01)
    assert (traits.register_pitch, traits.lowest_pitch, traits.highest_pitch, traits.velocity) == (66, 60, 72, 50)
    chords = sorted_notes(replace(n, pitch=n.pitch + step, onset_s=n.onset_s + 0.01) for n in notes for step in (0, 4))
    assert traits_of(chords).wait_s == pytest.approx(0.6)
    uneven = wandering(3, 2.0, 20.0).notes
    assert traits_of(uneven).beat_s is None


def test_of_silence_there_are_no_traits() -> None:
    with pytest.raises(ValueError, match="at least one note"):
        traits_of(Phrase(()).notes)


def test_a_neighbour_fits_better_than_a_stranger() -> None:
    here = traits_of(cadence(0, "major"))
    assert misfit(here, here) == 0.0
    nearer = [traits_of(cadence(7, "major")), traits_of(cadence(6, "major"))]
    assert misfit(here, nearer[0]) < misfit(here, nearer[1])
    high = traits_of([replace(n, pitch=n.pitch + 24) for n in cadence(0, "major")])
    busy = traits_of([replace(n, onset_s=n.onset_s / 4) for n in cadence(0, "major")])
    assert misfit(here, high) > 0.3
    assert misfit(here, busy) > 0.1

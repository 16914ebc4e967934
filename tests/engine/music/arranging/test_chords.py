"""Chords: what a bar suggests, how it is voiced, and the guitar above it."""

from itertools import pairwise
from random import Random

import pytest

from engine.music.arranging.chords import CHORD_HIGH, CHORD_LOW, guitar, held_chords, segments, suggested_chord, voicing
from engine.music.harmony import clashes
from engine.music.notes import Note
from engine.music.scale import Scale
from engine.parameters.scales import MODES
from tests.engine.music.arranging.test_lines import waltz

C_MAJOR = Scale(0, MODES["major"])


def test_a_triad_suggests_itself() -> None:
    bar = [Note(0.0, pitch, 2.0, 60) for pitch in (48, 64, 67)]
    assert set(suggested_chord(bar, C_MAJOR, 0.0, 2.0)) == {0, 4, 7}


@pytest.mark.parametrize("mode", ["chromatic", "major_pentatonic", "octatonic_half_whole", "third_mode", "whole_tone"])
def test_no_chord_holds_a_semitone(mode: str) -> None:
    scale = Scale(2, MODES[mode])
    for part in segments(waltz(8), scale, 3.0):
        tones = sorted(part.tones)
        assert all((b - a) % 12 not in (1, 11) for a in tones for b in tones if a != b)


@pytest.mark.parametrize("low", [CHORD_LOW, CHORD_LOW - 12, CHORD_LOW - 24])
def test_voicings_are_clear_and_near(low: int) -> None:
    previous: tuple[int, ...] = ()
    for tones in ((0, 4, 7), (9, 0, 4), (5, 9, 0, 2), (7, 11, 2)):
        chord = voicing(tones, previous, low, low + 24)
        assert {pitch % 12 for pitch in chord} == set(tones[: len(chord)])
        assert len(chord) >= min(3, len(tones)) - (low < 30)
        assert all(b - a >= (3 if a >= 48 else 5) for a, b in pairwise(chord))
        if previous:
            assert sum(min(abs(p - q) for q in previous) for p in chord) <= 4 * len(chord)
        previous = chord


def test_held_chords_cover_the_phrase_and_tie_common_tones() -> None:
    heard = waltz(10)
    parts = segments(heard, C_MAJOR, 3.0)
    chords = held_chords(parts, heard, 1.0, 0, Random(1))
    assert chords
    assert all(CHORD_LOW <= note.pitch <= CHORD_HIGH for note in chords)
    assert max(note.duration_s for note in chords) > 5.0
    assert not any(clashes(note, heard) for note in chords)


def test_the_last_chord_is_always_offered() -> None:
    heard = waltz(10)
    parts = segments(heard, C_MAJOR, 3.0)
    chords = held_chords(parts, heard, 0.05, 0, Random(3))
    assert any(note.onset_s >= parts[-1].start_s for note in chords)


def test_the_guitar_plucks_chord_tones_in_time() -> None:
    heard = waltz(10)
    parts = segments(heard, C_MAJOR, 3.0)
    plucked = guitar(parts, heard, 1.0, 0, 0.4, Random(1))
    assert len(plucked) > 10
    tones = {tone for part in parts for tone in part.tones}
    assert {note.pitch % 12 for note in plucked} <= tones
    assert not any(clashes(note, heard) for note in plucked)

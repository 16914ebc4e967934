"""Bass and melody: which notes belong to them, and how a share of them is chosen."""

from itertools import pairwise
from random import Random

import pytest

from engine.music.arranging.lines import bass_line, bells, cello, share, top_line
from engine.music.notes import Note, sorted_notes
from engine.music.scale import Scale
from engine.parameters.scales import MODES

C_MAJOR = Scale(0, MODES["major"])


def waltz(bars: int) -> tuple[Note, ...]:
    """Bass on one, chord on two, a rising and falling melody on top."""
    notes = []
    for bar in range(bars):
        start_s = 2.4 * bar
        notes.append(Note(start_s, 43 if bar % 2 == 0 else 36, 2.3, 60))
        notes += [Note(start_s + 0.8, pitch, 1.5, 45) for pitch in (55, 60, 64)]
        notes += [Note(start_s + 0.8 * i, 72 + (2, 4, 7, 5, 4, 0)[(3 * bar + i) % 6], 0.7, 70) for i in range(3)]
    return sorted_notes(notes)


def test_the_bass_is_the_bass() -> None:
    assert [note.pitch for note in bass_line(waltz(6), 1.5)] == [43, 36, 43, 36, 43, 36]


def test_the_melody_is_on_top() -> None:
    assert {note.pitch for note in top_line(waltz(6))} <= {72, 74, 76, 77, 79}
    assert len(top_line(waltz(6))) >= 15


@pytest.mark.parametrize("density", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("run", [1, 3, 5])
def test_a_share_is_exact(density: float, run: int) -> None:
    assert sum(share(40, density, Random(1), run)) == round(40 * density)


def test_a_share_comes_in_runs() -> None:
    played = share(40, 0.5, Random(2), run=4)
    assert sum(a != b for a, b in pairwise(played)) <= 12


def test_the_cello_doubles_the_bass() -> None:
    line = cello(waltz(8), C_MAJOR, 1.0, 0, Random(1))
    assert {note.pitch for note in line} <= {36, 43}
    for one, other in pairwise(line):
        assert 0.0 <= one.end_s - other.onset_s < 0.2


def test_bells_ring_peaks() -> None:
    rung = bells(waltz(12), (), C_MAJOR, 1.0, 0, Random(1))
    assert 91 in {note.pitch for note in rung}
    onsets = [note.onset_s for note in rung]
    assert all(b - a > 2.0 for a, b in pairwise(onsets))

"""A beat is found where there is one, with rubato too, and nowhere else."""

from random import Random

import pytest

from engine.music.beat import brushes, find_beat
from engine.music.notes import Note, sorted_notes


def pulse(period_s: float, count: int, rubato_s: float, seed: int = 1) -> list[Note]:
    generator = Random(seed)
    notes = []
    for i in range(count):
        onset_s = max(0.0, i * period_s + generator.gauss(0.0, rubato_s))
        notes.append(Note(onset_s, 45 if i % 3 == 0 else 64 + i % 5, 0.8 * period_s, 70 if i % 3 == 0 else 50))
    return list(sorted_notes(notes))


@pytest.mark.parametrize("period_s", [0.5, 0.7, 1.0])
@pytest.mark.parametrize("rubato_s", [0.0, 0.015])
def test_a_steady_pulse_is_found(period_s: float, rubato_s: float) -> None:
    beat = find_beat(pulse(period_s, 24, rubato_s))
    assert beat is not None
    ratio = beat.period_s / period_s
    assert min(abs(ratio - whole) for whole in (1, 2, 3)) < 0.06


@pytest.mark.parametrize("seed", range(8))
def test_no_beat_in_free_time(seed: int) -> None:
    generator = Random(seed)
    onsets = sorted(generator.uniform(0.0, 20.0) for _ in range(40))
    assert find_beat([Note(onset_s, 60, 0.5, 60) for onset_s in onsets]) is None


def test_brushes_follow_the_beat_softly() -> None:
    strokes = brushes(pulse(0.6, 40, 0.01), 1.0, Random(1))
    assert len(strokes) > 15
    assert max(stroke.velocity for stroke in strokes) <= 40
    assert strokes == sorted_notes(strokes)
    distance = [abs(s.onset_s / 0.6 - round(s.onset_s / 0.6)) for s in strokes]
    assert sum(d < 0.12 for d in distance) > 0.8 * len(strokes)


def test_no_brushes_without_density_notes_or_beat() -> None:
    assert brushes(pulse(0.6, 40, 0.0), 0.0, Random(1)) == ()
    assert brushes([], 1.0, Random(1)) == ()
    assert brushes([Note(0.0, 60, 1.0, 60)], 1.0, Random(1)) == ()

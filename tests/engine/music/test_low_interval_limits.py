"""Low notes keep their distance."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from engine.music.low_interval_limits import TOGETHER_S, closest_semitones, without_mud
from engine.music.notes import Note, sorted_notes


def chord(*pitches: int) -> tuple[Note, ...]:
    return sorted_notes(Note(0.0, pitch, 2.0, 60) for pitch in pitches)


def test_a_close_chord_far_down_opens_upwards_in_the_same_key() -> None:
    assert [n.pitch for n in without_mud(chord(36, 40, 43))] == [36, 43, 52]


def test_chords_in_the_middle_and_lines_far_down_stay() -> None:
    assert without_mud(chord(60, 62, 64)) == chord(60, 62, 64)
    line = tuple(Note(0.5 * step, 30 + step, 0.5, 60) for step in range(8))
    assert without_mud(line) == line


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(24, 90), st.floats(0.1, 6)), max_size=40))
def test_nothing_is_muddy_and_every_pitch_keeps_its_class(rows: list[tuple[float, int, float]]) -> None:
    notes = sorted_notes(Note(onset, pitch, length, 60) for onset, pitch, length in rows)
    clear = without_mud(notes)
    for a, b in combinations(clear, 2):
        low = min(a.pitch, b.pitch)
        if low < 53 and min(a.end_s, b.end_s) - max(a.onset_s, b.onset_s) > TOGETHER_S:
            assert abs(a.pitch - b.pitch) >= closest_semitones(low)
    classes = sorted((n.onset_s, n.pitch % 12) for n in notes)
    assert all((n.onset_s, n.pitch % 12) in classes for n in clear)

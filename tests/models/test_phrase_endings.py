"""Where phrases end."""

from hypothesis import given
from hypothesis import strategies as st

from engine.notes import Note, PedalSpan, Phrase, sorted_notes
from models.phrase_endings import LONGEST_RING_S, musical_end


def test_ends_at_the_pause_near_the_asked_length() -> None:
    onsets = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12]  # breath between 5 and 8
    phrase = Phrase(tuple(Note(float(t) + 0.5, 60, 0.8, 64) for t in onsets))
    assert [n.onset_s for n in musical_end(phrase, 9.0).notes] == [0, 1, 2, 3, 4, 5]


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.05, 20)), min_size=1, max_size=60),
    st.floats(6, 40),
)
def test_nothing_hangs_and_lengths_stay_near_what_was_asked(rows: list[tuple[float, float]], asked_s: float) -> None:
    notes = sorted_notes(Note(round(t, 2), 60 + i % 20, d, 64) for i, (t, d) in enumerate(rows))
    ended = musical_end(Phrase(notes, (PedalSpan(0.0, 100.0),)), asked_s)
    last_s = ended.notes[-1].onset_s
    assert ended.notes[0].onset_s == 0.0
    assert last_s <= asked_s * 1.3
    assert ended.length_s <= last_s + LONGEST_RING_S + 1e-6


def test_an_empty_phrase_stays_empty() -> None:
    assert musical_end(Phrase((), (PedalSpan(0, 1),)), 10.0) == Phrase(())

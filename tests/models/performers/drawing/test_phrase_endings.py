"""Where phrases end: at a breath, at home, with nothing hanging."""

from hypothesis import given
from hypothesis import strategies as st

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from models.performers.drawing.phrase_endings import LONGEST_RING_S, musical_end

TONIC, FOURTH, FIFTH, SIXTH = (48, 64, 67, 72), (53, 65, 69, 72), (43, 62, 65, 71), (45, 64, 69, 72)


def chorale(chords: list[tuple[int, ...]], step_s: float = 1.5) -> Phrase:
    """Chords one after another, evenly."""
    return Phrase(sorted_notes(Note(step_s * i, p, step_s * 0.95, 60) for i, chord in enumerate(chords) for p in chord))


def test_ends_at_the_pause_near_the_asked_length() -> None:
    onsets = [0, 1, 2, 3, 4, 5, 8, 9, 10, 11, 12]  # breath between 5 and 8
    phrase = Phrase(tuple(Note(float(t) + 0.5, 60, 0.8, 64) for t in onsets))
    assert [n.onset_s for n in musical_end(phrase, 7.0).notes] == [0, 1, 2, 3, 4, 5]


def test_ends_at_home_where_every_pause_is_alike() -> None:
    ways = [TONIC, FOURTH, FIFTH, SIXTH, FOURTH, FIFTH, SIXTH, FOURTH, FIFTH, TONIC, FIFTH, SIXTH, FOURTH, FIFTH, SIXTH]
    ended = musical_end(chorale(ways), 15.0)
    assert [note.pitch for note in ended.notes[-4:]] == list(TONIC)
    assert len(ended.notes) == 40
    late = musical_end(chorale([*ways[:9], FIFTH, SIXTH, TONIC, FOURTH, FIFTH, SIXTH]), 15.0)
    assert [note.pitch for note in late.notes[-4:]] == list(TONIC)
    assert len(late.notes) == 48


def test_does_not_end_on_a_dissonance() -> None:
    ways = [TONIC, FIFTH, TONIC, FIFTH, TONIC, FIFTH, TONIC, (43, 65, 71, 72), TONIC, (48, 65, 71, 74), FIFTH, FIFTH]
    ended = musical_end(chorale(ways), 14.0)
    assert [note.pitch for note in ended.notes[-4:]] == list(TONIC)


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
    first = [note.onset_s - notes[0].onset_s for note in notes]
    if any(0.6 * asked_s <= onset_s <= 1.3 * asked_s for onset_s in first[:-1]) and len(set(first)) == len(first):
        assert last_s >= 0.6 * asked_s - 0.1


def test_an_empty_phrase_stays_empty() -> None:
    assert musical_end(Phrase((), (PedalSpan(0, 1),)), 10.0) == Phrase(())

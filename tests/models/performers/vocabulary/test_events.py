"""Encoding and decoding of playing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from models.performers.vocabulary.events import (
    LONGEST_NOTE_S,
    NOTE_OFF,
    NOTE_ON,
    PEDAL_DOWN,
    PEDAL_UP,
    VELOCITY,
    VOCABULARY_SIZE,
    bin_velocity,
    decode,
    encode,
    event_times_s,
    shift_event,
    velocity_bin,
)


def separate_notes() -> st.SearchStrategy[Phrase]:
    """Phrases in which no key is struck again before it was released, on the 10 ms grid."""
    note = st.tuples(st.integers(0, 127), st.integers(0, 400), st.integers(1, 300), st.integers(1, 127))

    def build(rows: list[tuple[int, int, int, int]]) -> Phrase:
        free: dict[int, int] = {}
        notes = []
        for pitch, wait, length, velocity in rows:
            onset = free.get(pitch, 0) + wait
            free[pitch] = onset + length
            notes.append(Note(onset / 100, pitch, length / 100, bin_velocity(velocity_bin(velocity))))
        return Phrase(sorted_notes(notes))

    return st.lists(note, min_size=1, max_size=40).map(build)


@given(separate_notes())
def test_decoding_gives_back_what_was_encoded(phrase: Phrase) -> None:
    back = decode(encode(phrase))
    assert [(round(n.onset_s * 100), n.pitch, round(n.duration_s * 100), n.velocity) for n in back.notes] == [
        (round(n.onset_s * 100), n.pitch, round(n.duration_s * 100), n.velocity) for n in phrase.notes
    ]


@given(st.lists(st.integers(0, VOCABULARY_SIZE - 1), max_size=300))
def test_any_events_decode_to_playable_notes(events: list[int]) -> None:
    phrase = decode(np.array(events, np.int16))
    assert all(0 < n.duration_s <= LONGEST_NOTE_S and 1 <= n.velocity <= 127 for n in phrase.notes)
    assert all(span.end_s > span.start_s for span in phrase.pedal)
    assert list(phrase.notes) == sorted(phrase.notes)


def test_events_of_a_small_phrase_are_the_published_ones() -> None:
    phrase = Phrase((Note(0.0, 60, 0.5, 64), Note(1.5, 64, 0.01, 64)), (PedalSpan(0.1, 1.5),))
    assert encode(phrase).tolist() == [
        VELOCITY + 16,
        NOTE_ON + 60,
        shift_event(10),
        PEDAL_DOWN,
        shift_event(40),
        NOTE_OFF + 60,
        shift_event(100),
        PEDAL_UP,
        NOTE_ON + 64,
        shift_event(1),
        NOTE_OFF + 64,
    ]


def test_long_waits_take_several_shifts_and_times_add_up() -> None:
    events = encode(Phrase((Note(0.0, 60, 3.25, 64),)))
    assert events[2:].tolist() == [shift_event(100)] * 3 + [shift_event(25), NOTE_OFF + 60]
    assert event_times_s(events)[-1] == 3.25


def test_transposition_leaves_out_what_no_keyboard_has() -> None:
    phrase = Phrase((Note(0.0, 126, 0.5, 64), Note(0.0, 60, 0.5, 64)))
    assert [n.pitch for n in decode(encode(phrase, transpose=5)).notes] == [65]

"""Small repairs, one by one."""

from engine.music.harmony import ring_s
from engine.music.notes import Note, PedalSpan, Phrase
from engine.music.phrases.repair import close_gaps, cut_to_length, drop_quick_repeats, release_pedal, stretched, thin_to


def test_stretching_takes_everything_along() -> None:
    phrase = Phrase((Note(1.0, 60, 2.0, 60),), (PedalSpan(1.0, 2.0),), "satie", 3)
    slow = stretched(phrase, 1.5)
    assert slow == Phrase((Note(1.5, 60, 3.0, 60),), (PedalSpan(1.5, 3.0),), "satie", 3)
    assert stretched(phrase, 1.0) is phrase


def test_a_faded_string_is_a_silence_too() -> None:
    high = Phrase((Note(0.0, 96, 12.0, 60), Note(12.0, 60, 1.0, 60)))
    closed = close_gaps(high)
    assert closed.notes[0].duration_s == ring_s(96)
    assert closed.notes[1].onset_s - ring_s(96) < 1.3


def test_a_gap_moves_the_pedal_along() -> None:
    gapped = Phrase((Note(0.0, 60, 0.5, 60), Note(9.0, 60, 0.5, 60)), (PedalSpan(9.0, 10.0),))
    closed = close_gaps(gapped)
    assert closed.pedal[0].start_s == closed.notes[1].onset_s < 7.0


def test_only_the_last_stroke_of_a_key_is_held_before_a_gap() -> None:
    struck_twice = Phrase((Note(0.0, 38, 0.06, 60), Note(0.06, 38, 0.06, 60), Note(1.33, 61, 0.5, 60)))
    first, second, _ = close_gaps(struck_twice).notes
    assert first.end_s == second.onset_s
    assert second.end_s == 1.33


def test_cutting_prefers_a_breath() -> None:
    onsets = [i * 0.5 for i in range(40)] + [21.5 + i * 0.5 for i in range(40)]
    phrase = Phrase(tuple(Note(onset_s, 60, 0.4, 60) for onset_s in onsets))
    assert cut_to_length(phrase, 20.0).notes[-1].onset_s == 19.5


def test_three_calm_repeats_and_no_more() -> None:
    repeats = Phrase(tuple(Note(0.4 * i, 60, 0.3, 60) for i in range(6)))
    assert len(drop_quick_repeats(repeats).notes) == 3
    calm = Phrase(tuple(Note(0.8 * i, 60, 0.3, 60) for i in range(6)))
    assert drop_quick_repeats(calm) == calm


def test_a_pedal_left_down_is_lifted_now_and_then() -> None:
    phrase = release_pedal(Phrase((Note(0.0, 60, 30.0, 60),), (PedalSpan(0.0, 100.0),)))
    assert max(span.end_s - span.start_s for span in phrase.pedal) <= 8.0
    assert phrase.pedal[-1].end_s <= 30.0


def test_thinning_keeps_the_pace() -> None:
    phrase = Phrase(tuple(Note(0.2 * i, 60 + i % 12, 0.2, 60) for i in range(150)))
    thinned = thin_to(phrase, 1.0)
    halves = [sum(n.onset_s < 15.0 for n in thinned.notes), sum(n.onset_s >= 15.0 for n in thinned.notes)]
    assert abs(halves[0] - halves[1]) <= 4

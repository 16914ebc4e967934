"""The musical filter: what it refuses, and that what it lets through can be lived with."""

from dataclasses import replace

import pytest
from hypothesis import given

from engine.music.harmony import pedalled
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.phrases.filter import Reason, Repair, judge, longest_gap_s
from engine.music.phrases.repair import LONGEST_NOTE_S, MOST_KEYS, let_go, slowed, thin_to
from tests.engine.phrases import wandering, wild_phrases


def phrase(*many: Note, pedal: tuple[PedalSpan, ...] = ()) -> Phrase:
    return Phrase(sorted_notes(many), pedal)


CALM = [Note(0.5 * i, (60, 67, 64, 74, 71, 65, 69, 76, 62)[i % 9], 0.6, 60) for i in range(40)]


def test_a_calm_phrase_passes_untouched() -> None:
    verdict = judge(phrase(*CALM), 2.0, 20.0)
    assert verdict.phrase == phrase(*CALM)
    assert verdict.repairs == ()


@pytest.mark.parametrize(
    ("notes", "reason"),
    [
        ([], Reason.EMPTY),
        (CALM[:3], Reason.EMPTY),
        ([*CALM, Note(1.0, 40, 40.0, 60)], Reason.STUCK_NOTE),
        ([*CALM[:10], *(replace(n, onset_s=n.onset_s + 12) for n in CALM[10:20])], Reason.LONG_SILENCE),
        (CALM[:8], Reason.TOO_SHORT),
        ([Note(0.5 * i, 60 + i % 3 + step, 0.4, 60) for i in range(40) for step in (0, 1, 2)], Reason.CLUSTERS),
        ([Note(0.4 * i, 64, 0.3, 60) for i in range(50)], Reason.HAMMERING),
        ([Note(0.4 * i, 60 + (0, 7, 4, 5, 2)[i % 5], 0.3, 60) for i in range(50)], Reason.CIRCLING),
        ([Note(0.05 * i, 40 + (i * 7) % 41, 0.2, 60) for i in range(400)], Reason.TOO_DENSE),
        ([Note(5.0 * i, 60 + i, 4.0, 60) for i in range(5)], Reason.TOO_SPARSE),
        ([replace(n, pitch=n.pitch - 52) for n in CALM], Reason.OUT_OF_RANGE),
        ([Note(0.5 * i, 48 + (i * 19) % 37, 0.6, 60) for i in range(40)], Reason.NO_KEY),
    ],
)
def test_what_nobody_would_keep(notes: list[Note], reason: Reason) -> None:
    verdict = judge(phrase(*notes), 2.0, 20.0)
    assert verdict.phrase is None
    assert reason in verdict.reasons


def test_what_goes_on_from_a_circle_may_go_round_too() -> None:
    circle = [Note(0.4 * i, 60 + (0, 7, 4, 5, 2)[i % 5], 0.3, 60) for i in range(50)]
    assert judge(phrase(*circle), 2.0, 20.0, primer=circle[:20]).phrase is not None
    assert judge(phrase(*circle), 2.0, 20.0, primer=CALM).reasons == (Reason.CIRCLING,)


@pytest.mark.parametrize(
    ("notes", "pedal", "repair"),
    [
        ([replace(n, onset_s=n.onset_s + 2) for n in CALM], (), Repair.LEADING_SILENCE),
        ([*CALM, Note(0.2, 40, 20.0, 60)], (), Repair.LONG_NOTE),
        ([*CALM, Note(3.0, 84, 0.5, 127)], (), Repair.VELOCITY),
        ([*CALM, Note(3.0, 84, 0.05, 60), Note(3.1, 84, 0.5, 60)], (), Repair.REPEATS),
        ([*CALM, Note(3.0, 109, 0.5, 60)], (), Repair.RANGE),
        ([*CALM, *(replace(n, onset_s=n.onset_s + 0.2, pitch=n.pitch - 7) for n in CALM)], (), Repair.THINNED),
        ([*CALM[:16], *(replace(n, onset_s=n.onset_s + 4) for n in CALM[16:])], (), Repair.GAP),
        (CALM, (PedalSpan(1.0, 90.0),), Repair.PEDAL),
        ([*CALM, *(replace(n, onset_s=n.onset_s + 20) for n in CALM)], (), Repair.CUT),
    ],
)
def test_small_things_are_mended(notes: list[Note], pedal: tuple[PedalSpan, ...], repair: Repair) -> None:
    verdict = judge(phrase(*notes, pedal=pedal), 2.0, 20.0)
    assert verdict.reasons == ()
    assert repair in verdict.repairs


@given(wild_phrases)
def test_whatever_passes_can_be_lived_with(wild: Phrase) -> None:
    mended = judge(wild, 2.0, 15.0).phrase
    if mended is None:
        return
    assert mended.notes == sorted_notes(mended.notes)
    assert mended.notes[0].onset_s == 0.0
    assert all(21 <= note.pitch <= 108 and 0.04 < note.duration_s <= LONGEST_NOTE_S + 5.0 for note in mended.notes)
    assert longest_gap_s(pedalled(mended.notes, mended.pedal)) < 1.3
    assert all(span.start_s < span.end_s <= mended.length_s + 2.1 for span in mended.pedal)
    span_s = mended.notes[-1].onset_s
    assert len(mended.notes) <= max(5, 1.3 * 2.0 * max(span_s, 1.0) * 2.0)


@pytest.mark.parametrize("seed", range(20))
def test_what_passed_once_passes_again(seed: int) -> None:
    mended = judge(wandering(seed, 2.0, 20.0), 2.0, 20.0).phrase
    assert mended is not None
    assert judge(mended, 2.0, 20.0).phrase is not None


def test_a_key_asked_for_is_a_key() -> None:
    whole_tones = phrase(*(Note(0.5 * i, 48 + 2 * (i * 5 % 13), 0.6, 60) for i in range(40)))
    weights = tuple(1.0 if pc % 2 == 0 else 0.1 for pc in range(12))
    assert judge(whole_tones, 2.0, 20.0).reasons == (Reason.NO_KEY,)
    assert judge(whole_tones, 2.0, 20.0, weights).phrase is not None


def test_hands_let_go() -> None:
    held = [Note(0.2 * i, 40 + (i * 7) % 41, 9.0, 60) for i in range(41)]
    freed = let_go(phrase(*held))
    for note in freed.notes:
        assert sum(n.onset_s <= note.onset_s < n.end_s for n in freed.notes) <= MOST_KEYS
    assert [n.onset_s for n in freed.notes] == [n.onset_s for n in phrase(*held).notes]


def test_a_busy_phrase_is_slowed_before_it_is_thinned() -> None:
    busy = phrase(*(Note(0.2 * i, CALM[i % 40].pitch, 0.2, 60) for i in range(100)))
    assert slowed(busy, 1.0).notes[-1].onset_s > 2.0 * busy.notes[-1].onset_s
    assert slowed(busy, 4.0) == busy
    mended = judge(busy, 1.0, 20.0).phrase
    assert mended is not None
    assert 0.5 < len(mended.notes) / mended.notes[-1].onset_s < 1.5


def test_thinning_keeps_the_outer_lines() -> None:
    chords = [Note(1.0 * i, pitch, 0.9, 60) for i in range(10) for pitch in (40, 55, 60, 64, 76)]
    thinned = thin_to(phrase(*chords), 2.0)
    assert len(thinned.notes) < 30
    assert {76} <= {note.pitch for note in thinned.notes}
    assert sum(note.pitch in (40, 76) for note in thinned.notes) >= 0.8 * len(thinned.notes)

"""All notes and the skyline: what stays of a piece in another key, tempo and touch."""

from dataclasses import replace

import numpy as np

from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.corpus.touch import Touch, with_touch
from models.performers.quotation.melodic_features import TOGETHER, MelodicFeature, all_notes, skyline

WALTZ = Phrase(
    sorted_notes(
        [Note(3.0 * bar, 43 + 2 * (bar % 2), 3.0, 50) for bar in range(8)]
        + [Note(3.0 * bar + 1.0, pitch, 2.0, 45) for bar in range(8) for pitch in (59, 62, 66)]
        + [Note(3.0 * bar + beat, 78 - bar - beat, 1.0, 64) for bar in range(8) for beat in (1, 2)]
    )
)


def same(one: MelodicFeature, other: MelodicFeature) -> bool:
    return np.array_equal(np.diff(one.pitch), np.diff(other.pitch)) and np.array_equal(one.rhythm, other.rhythm)


def test_another_key_and_tempo_change_nothing() -> None:
    moved = Phrase(tuple(replace(n, pitch=n.pitch + 5, onset_s=1.3 * n.onset_s) for n in WALTZ.notes))
    assert same(all_notes(WALTZ), all_notes(moved))
    assert same(skyline(WALTZ), skyline(moved))


def test_a_pianists_touch_changes_little() -> None:
    played = all_notes(with_touch(WALTZ, Touch(), 3))
    assert np.array_equal(played.pitch, all_notes(WALTZ).pitch)
    assert (played.rhythm == all_notes(WALTZ).rhythm).mean() > 0.9


def test_the_melody_is_what_sings_on_top() -> None:
    assert skyline(WALTZ).pitch.tolist()[1:5] == [77, 76, 45, 76]
    held = Phrase((Note(0.0, 76, 4.0, 64), Note(1.0, 50, 1.0, 50), Note(2.0, 60, 1.0, 50), Note(4.0, 74, 1.0, 64)))
    assert skyline(held).pitch.tolist() == [76, 74]


def test_chords_are_one_moment_however_they_are_rolled() -> None:
    up = Phrase((Note(0.0, 60, 1.0, 64), Note(0.02, 64, 1.0, 64), Note(0.04, 67, 1.0, 64), Note(1.0, 72, 1.0, 64)))
    down = Phrase((Note(0.0, 67, 1.0, 64), Note(0.02, 64, 1.0, 64), Note(0.04, 60, 1.0, 64), Note(1.0, 72, 1.0, 64)))
    assert same(all_notes(up), all_notes(down))
    assert (all_notes(up).rhythm == TOGETHER).tolist() == [False, True, True, False]


def test_of_nothing_there_is_nothing() -> None:
    assert len(all_notes(Phrase(())).pitch) == len(skyline(Phrase(())).pitch) == 0

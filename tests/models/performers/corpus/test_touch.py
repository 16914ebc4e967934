"""A pianist's touch: seeded, playable, and still the same music."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.music.notes import Note, Phrase, sorted_notes
from models.performers.corpus.touch import Touch, is_deadpan, with_touch
from models.performers.corpus.training_set import rendered
from models.performers.vocabulary.events import decode, encode
from models.performers.vocabulary.pulse import steadiness


def waltz(bars: int = 8) -> Phrase:
    notes = []
    for bar in range(bars):
        notes.append(Note(3.0 * bar, 43, 3.0, 70))
        notes += [Note(3.0 * bar + 1.0, pitch, 2.0, 70) for pitch in (59, 62, 66)]
        notes.append(Note(3.0 * bar + 1.0, 78, 1.0, 80))
    return Phrase(sorted_notes(notes))


def test_same_notes_with_pedal_and_living_time() -> None:
    score = waltz()
    played = with_touch(score, Touch(), 1)
    assert sorted(n.pitch for n in played.notes) == sorted(n.pitch for n in score.notes)
    assert is_deadpan(score)
    assert not is_deadpan(played)
    assert len(played.pedal) >= 6
    assert len({n.velocity for n in played.notes}) > 8
    assert 0.6 < played.length_s / score.length_s < 1.8


def test_melody_is_louder_than_its_accompaniment() -> None:
    played = with_touch(waltz(), Touch(), 1)
    top = [n.velocity for n in played.notes if n.pitch == 78]
    inner = [n.velocity for n in played.notes if n.pitch in (59, 62)]
    assert sum(top) / len(top) > sum(inner) / len(inner) + 8


@given(st.integers(0, 10_000))
def test_every_rendering_is_playable_and_repeatable(seed: int) -> None:
    played = with_touch(waltz(3), Touch(), seed)
    assert played == with_touch(waltz(3), Touch(), seed)
    assert all(n.onset_s >= 0 and n.duration_s > 0 and 1 <= n.velocity <= 127 for n in played.notes)
    assert all(a.end_s <= b.start_s for a, b in zip(played.pedal, played.pedal[1:], strict=False))


def test_only_scores_are_rendered() -> None:
    assert len(rendered(waltz(), 5, 1)) == 5
    performance = with_touch(waltz(), Touch(), 1)
    assert rendered(performance, 5, 1) == [performance]


def test_a_doubled_key_is_struck_once_and_let_go_before_it_is_struck_again() -> None:
    doubled = [Note(1.0 * i, 60 + i % 5, 1.0, 70) for i in range(20) for _ in range(2)]
    overlapping = [Note(1.0 * i, 72, 1.5, 70) for i in range(20)]
    played = decode(encode(with_touch(Phrase(sorted_notes(doubled + overlapping)), Touch(), 3)))
    assert len(played.notes) == 40
    assert min(n.duration_s for n in played.notes) > 0.05


def bars_vary(played: Phrase) -> float:
    """Standard deviation of the length of bars, as a ratio."""
    bars_s = np.diff([n.onset_s for n in played.notes if n.pitch == 43][:-1])
    return float(np.std(bars_s) / np.mean(bars_s))


def test_the_beat_stays_however_it_is_played_around() -> None:
    score = waltz(24)
    touched, wild = (np.mean([bars_vary(with_touch(score, t, s)) for s in range(4)]) for t in (Touch(), Touch(0.3)))
    assert touched < 0.03 < wild
    beats = Phrase(tuple(Note(0.8 * i, 60 + i % 7, 0.7, 70) for i in range(60)))
    steady = [steadiness(np.array([n.onset_s for n in with_touch(beats, Touch(), s).notes]), 6.0) for s in range(4)]
    assert np.mean(steady) > 0.7 * steadiness(np.array([n.onset_s for n in beats.notes]), 6.0)

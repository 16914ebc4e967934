"""Playing that goes round in circles."""

import pytest

from engine.music.notes import Note
from engine.music.phrases.circling import share_circling
from tests.engine.phrases import wandering


def notes(pitches: list[int]) -> list[Note]:
    return [Note(0.4 * place, pitch, 0.3, 60) for place, pitch in enumerate(pitches)]


FIGURE = [66, 61, 66, 64, 62]
ELSEWHERE = [50, 57, 69, 71, 67, 74, 55, 59, 72, 76]


def test_a_figure_three_times_in_a_row_is_a_circle() -> None:
    assert share_circling(notes(3 * FIGURE)) == 1.0
    assert share_circling(notes(ELSEWHERE + 3 * FIGURE)) == pytest.approx(15 / 25)
    assert share_circling(notes(ELSEWHERE[:5] + 4 * FIGURE + ELSEWHERE[5:])) == pytest.approx(20 / 30)


def test_a_phrase_and_its_repetition_are_none() -> None:
    assert share_circling(notes(2 * FIGURE)) == 0.0
    assert share_circling(notes(FIGURE + ELSEWHERE + FIGURE + ELSEWHERE + FIGURE)) == 0.0
    assert share_circling(notes([*FIGURE, 60, *FIGURE, 62, *FIGURE])) == 0.0


def test_one_key_over_and_over_is_a_circle_too_and_silence_none() -> None:
    assert share_circling(notes([60] * 20)) == 1.0
    assert share_circling([]) == 0.0


def test_a_longer_tune_with_returns_is_none() -> None:
    assert max(share_circling(wandering(seed, 2.5, 20.0).notes) for seed in range(12)) < 0.2

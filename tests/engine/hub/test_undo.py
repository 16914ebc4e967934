"""Steps back: a gesture is one of them, and the oldest go first."""

from __future__ import annotations

from engine.hub.undo import MOST_STEPS, ONE_GESTURE_S, Undo

PAN, LEVEL = "/layer/cello/pan", "/layer/cello/level_db"


def test_a_fader_that_is_pulled_is_one_step() -> None:
    history = Undo()
    for number in range(10):
        history.note(LEVEL, {LEVEL: float(number)}, 0.1 * number)
    assert len(history) == 1
    assert history.back() == {LEVEL: 0.0}
    assert history.back() is None


def test_another_control_or_a_pause_begins_another_step() -> None:
    history = Undo()
    history.note(LEVEL, {LEVEL: 0.0}, 0.0)
    history.note(PAN, {PAN: 1.0}, 0.1)
    history.note(PAN, {PAN: 2.0}, 0.2 + ONE_GESTURE_S)
    assert [history.back() for _ in range(4)] == [{PAN: 2.0}, {PAN: 1.0}, {LEVEL: 0.0}, None]


def test_after_a_step_back_the_same_control_begins_anew() -> None:
    history = Undo()
    history.note(LEVEL, {LEVEL: 0.0}, 0.0)
    history.back()
    history.note(LEVEL, {LEVEL: 5.0}, 0.1)
    assert history.back() == {LEVEL: 5.0}


def test_the_oldest_are_forgotten() -> None:
    history = Undo()
    for number in range(MOST_STEPS + 5):
        history.note(LEVEL, {LEVEL: float(number)}, 10.0 * number)
    steps = [history.back() for _ in range(len(history))]
    assert len(steps) == MOST_STEPS
    assert steps[-1] == {LEVEL: 5.0}


def test_a_step_is_as_things_were_whatever_becomes_of_them() -> None:
    history, values = Undo(), {LEVEL: 1.0}
    history.note(LEVEL, values, 0.0)
    values[LEVEL] = 2.0
    assert history.back() == {LEVEL: 1.0}

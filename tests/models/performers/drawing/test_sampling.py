"""Choosing events."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.performers.drawing.sampling import Choice, Keyboard
from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, PEDAL_DOWN, PEDAL_UP, VOCABULARY_SIZE, shift_event

ALL = np.ones(VOCABULARY_SIZE, bool)


def logits_of(probabilities: dict[int, float]) -> np.ndarray:
    logits = np.full(VOCABULARY_SIZE, -50.0, np.float32)
    for event, probability in probabilities.items():
        logits[event] = np.log(probability)
    return logits


def test_uniform_numbers_fall_on_events_in_proportion() -> None:
    logits = logits_of({7: 0.5, 9: 0.3, 11: 0.2})
    drawn = [Choice().event(logits, ALL, (i + 0.5) / 1000) for i in range(1000)]
    assert [drawn.count(event) for event in (7, 9, 11)] == [500, 300, 200]


def test_temperature_sharpens() -> None:
    logits = logits_of({7: 0.6, 9: 0.4})
    drawn = [Choice(temperature=0.5).event(logits, ALL, (i + 0.5) / 1000) for i in range(1000)]
    assert abs(drawn.count(7) - 1000 * 0.36 / (0.36 + 0.16)) <= 1


def test_top_p_and_top_k_leave_the_rest_out() -> None:
    logits = logits_of({7: 0.5, 9: 0.3, 11: 0.2})
    uniform = np.linspace(0, 0.9999, 200)
    assert {Choice(top_p=0.7).event(logits, ALL, u) for u in uniform} == {7, 9}
    assert {Choice(top_k=1).event(logits, ALL, u) for u in uniform} == {7}


@given(st.floats(0, 1, exclude_max=True), st.floats(0.5, 1.5), st.floats(0.05, 1), st.integers(0, 2**32 - 1))
def test_only_playable_events_are_chosen(uniform: float, temperature: float, top_p: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    playable = rng.random(VOCABULARY_SIZE) < 0.05
    playable[3] = True
    event = Choice(temperature, top_p).event(rng.normal(0, 5, VOCABULARY_SIZE).astype(np.float32), playable, uniform)
    assert playable[event]


def test_keyboard_knows_what_is_down() -> None:
    keyboard = Keyboard()
    assert not keyboard.playable()[NOTE_OFF + 60]
    keyboard.take(NOTE_ON + 60)
    assert keyboard.playable()[NOTE_OFF + 60]
    assert not keyboard.playable()[NOTE_ON + 60]
    keyboard.take(PEDAL_DOWN)
    assert keyboard.playable()[PEDAL_UP]
    assert not keyboard.playable()[PEDAL_DOWN]
    keyboard.take(NOTE_OFF + 60)
    assert keyboard.playable()[NOTE_ON + 60]


def test_time_waits_for_a_key_held_too_long() -> None:
    keyboard = Keyboard()
    keyboard.take(NOTE_ON + 60)
    for _ in range(6):
        keyboard.take(shift_event(100))
    assert not keyboard.playable()[shift_event(1)]
    assert keyboard.playable()[NOTE_OFF + 60]
    keyboard.take(NOTE_OFF + 60)
    assert keyboard.playable()[shift_event(1)]


def test_a_hand_holds_only_so_many_keys() -> None:
    keyboard = Keyboard()
    for pitch in range(40, 52):
        keyboard.take(NOTE_ON + pitch)
    assert not keyboard.playable()[NOTE_ON : NOTE_ON + 128].any()

"""What the network is shown of the keyboard, against the plain meaning of the events."""

import numpy as np

from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, PEDAL_DOWN, PEDAL_UP, START, VELOCITY, shift_event
from models.performers.vocabulary.keyboard_state import HELD_STEPS, RINGING_STEPS, STATE_SIZE, states

EVENTS = np.array(
    [
        START,
        VELOCITY + 20,
        NOTE_ON + 60,
        shift_event(30),
        PEDAL_DOWN,
        NOTE_ON + 64,
        NOTE_OFF + 60,
        shift_event(100),
        PEDAL_UP,
    ],
    np.int16,
)
PEDAL, VELOCITIES, WAIT = 384, slice(385, 417), slice(417, STATE_SIZE)


def test_keys_pedal_loudness_and_time_follow_the_events() -> None:
    seen, times = states(EVENTS, 0, len(EVENTS))
    assert times.tolist() == [0, 0, 0, 30, 30, 30, 30, 130, 130]
    assert np.flatnonzero(seen[0, :PEDAL]).tolist() == []
    assert np.flatnonzero(seen[5, :128]).tolist() == [60, 64]
    assert np.flatnonzero(seen[7, :128]).tolist() == [64]
    assert np.isclose(seen[5, 128 + 60], np.exp(-30 / HELD_STEPS))
    assert np.isclose(seen[7, 256 + 60], np.exp(-130 / RINGING_STEPS))
    assert seen[7, 128 + 60] == 0
    assert seen[:, PEDAL].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0]
    assert np.flatnonzero(seen[3, VELOCITIES]).tolist() == [20]
    assert np.allclose(seen[:, WAIT].sum(axis=1), 1)
    assert seen[5, WAIT][0] == 1
    assert np.isclose(seen[7, WAIT] @ np.arange(12), np.log2(101))


def test_a_stretch_in_the_middle_is_seen_as_from_the_beginning() -> None:
    whole, times = states(EVENTS, 0, len(EVENTS))
    part, part_times = states(EVENTS, 4, 8)
    assert np.array_equal(part, whole[4:8])
    assert np.array_equal(part_times, times[4:8])

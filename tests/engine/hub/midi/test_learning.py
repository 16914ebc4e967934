"""Which knob it is and how it says where it is, from what a hand that turns it sends."""

from __future__ import annotations

import pytest

from engine.hub.midi.bindings import Knob, Turn
from engine.hub.midi.learning import PATIENCE_S, SETTLES_S, Learning, turn_of
from engine.hub.midi.messages import SUSTAIN, Control

PAN = "/layer/cello/pan"


def heard(*controls: tuple[int, int, int]) -> Learning:
    learning = Learning(0.0, PAN)
    for number, (channel, controller, value) in enumerate(controls):
        learning.hear(Control(channel, controller, value), 0.1 * number)
    return learning


@pytest.mark.parametrize(
    ("values", "turn"),
    [
        ((60, 61, 62, 63), "7-bit"),
        ((5,), "7-bit"),
        ((1, 1, 1, 2), "relative"),
        ((127, 127, 126, 1), "relative"),
        ((65, 65, 66, 63, 63), "relative_64"),
        ((64, 64, 65), "7-bit"),
        ((100, 100, 90), "7-bit"),
    ],
)
def test_a_knob_that_repeats_itself_says_how_far_it_was_turned(values: tuple[int, ...], turn: Turn) -> None:
    assert turn_of(values) == turn


def test_a_controller_and_its_lower_bits_are_one_knob_and_other_knobs_are_not_heard() -> None:
    learning = heard((1, 7, 64), (1, 39, 12), (2, 7, 3), (1, 74, 5), (1, 7, 65))
    assert learning.knob() == Knob(channel=1, controller=7, turn="14-bit")
    assert heard((1, 40, 1), (1, 72, 2)).knob() == Knob(channel=1, controller=40), "only below 32 there are lower bits"


def test_what_has_a_meaning_of_its_own_in_midi_is_no_knob() -> None:
    assert heard((1, SUSTAIN, 127), (1, 123, 0)).knob() is None


def test_it_is_over_when_a_knob_has_settled_or_nobody_came() -> None:
    nobody = Learning(0.0)
    assert not nobody.is_over(PATIENCE_S - 0.1)
    assert nobody.is_over(PATIENCE_S)
    learning = heard((1, 7, 64))
    assert not learning.is_over(SETTLES_S - 0.01)
    assert learning.is_over(SETTLES_S)


def test_before_a_control_was_touched_no_knob_is_heard() -> None:
    learning = Learning(0.0)
    assert str(learning) == "touch a control"
    learning.hear(Control(1, 7, 1), 0.0)
    assert learning.knob() is None
    learning.target = PAN
    assert str(learning) == f"turn a knob for {PAN}"

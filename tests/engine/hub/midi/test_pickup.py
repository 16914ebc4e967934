"""A knob takes hold of its control where that stands, and nothing jumps."""

from __future__ import annotations

import pytest

from engine.hub.midi.messages import Control
from engine.hub.midi.pickup import Grip, steps
from engine.hub.pages import place_of, value_at
from engine.parameters.addresses import find

PAN = find("/layer/cello/pan")


def turned(grip: Grip, *values: int, at: float, number: int = 7, turn: str = "7-bit") -> list[float]:
    """The values that the control takes, from `at` on."""
    taken: list[float] = []
    for value in values:
        now = taken[-1] if taken else at
        moves, given = grip.move(PAN, turn, Control(1, number, value), now)  # type: ignore[arg-type]
        if moves:
            assert isinstance(given, float)
            taken.append(given)
    return taken


def test_from_below_and_from_above_it_takes_hold_as_it_passes() -> None:
    for first, second in ((20, 100), (100, 20)):
        grip = Grip()
        assert turned(grip, first, at=0.0) == []
        assert turned(grip, second, at=0.0) == [value_at(PAN, second / 127)]


def test_it_says_where_to_turn_it() -> None:
    grip = Grip()
    assert grip.wants(PAN, "7-bit", 0.0) == "turn"
    turned(grip, 20, at=0.0)
    assert grip.wants(PAN, "7-bit", 0.0) == "↑ up"
    turned(grip, 100, at=0.0)
    value = grip.given
    assert grip.wants(PAN, "7-bit", value) == "holds"
    assert grip.wants(PAN, "7-bit", -1.0) == "↓ down", "somebody else has moved it"


def test_where_somebody_else_has_moved_the_control_it_has_lost_it() -> None:
    grip = Grip()
    turned(grip, 20, 100, at=0.0)
    assert turned(grip, 101, at=-0.9) == []
    assert turned(grip, 5, at=-0.9) != [], "it has come past it"


def test_a_knob_that_says_how_far_it_was_turned_moves_from_wherever_the_control_is() -> None:
    [value] = turned(Grip(), 10, at=0.0, turn="relative")
    assert place_of(PAN, value) == pytest.approx(0.5 + 10 / 127, abs=0.01)
    assert turned(Grip(), 1, at=1.0, turn="relative") == [], "it is at its end"
    assert turned(Grip(), 63, at=0.0, turn="relative_64")[0] < 0.0


def test_of_a_14_bit_knob_both_halves_count_and_one_alone_moves_nothing() -> None:
    grip = Grip()
    assert turned(grip, 64, at=0.0, turn="14-bit") == []
    assert turned(grip, 5, at=0.0, number=39, turn="14-bit") == [value_at(PAN, (64 * 128 + 5) / 16_383)]


def test_a_button_presses_once_and_a_switch_is_as_its_button() -> None:
    grip, row = Grip(), find("/phrase/next")
    pressed = [grip.move(row, "7-bit", Control(1, 7, value), None)[0] for value in (127, 127, 0, 127)]
    assert pressed == [True, False, False, True]
    mute = find("/stem/cello/mute")
    assert [Grip().move(mute, "7-bit", Control(1, 7, value), 0) for value in (127, 0)] == [(True, 1), (True, 0)]
    assert Grip().wants(mute, "7-bit", 0) == "presses"


@pytest.mark.parametrize(
    ("turn", "value", "steps_up"),
    [("relative", 1, 1), ("relative", 127, -1), ("relative", 64, -64), ("relative_64", 65, 1), ("relative_64", 60, -4)],
)
def test_steps_up_are_positive(turn: str, value: int, steps_up: int) -> None:
    assert steps(turn, value) == steps_up  # type: ignore[arg-type]

"""A chord that is held on a keyboard, or told by OSC, becomes the harmony as soon as it is whole."""

from __future__ import annotations

import pytest

from engine.errors import ControlError
from engine.hub.midi.held_keys import HARMONY, WHOLE_S, HeldKeys, keys_of
from engine.osc.messages import Order
from engine.osc.port import Message
from tests.engine.hub_bench import Bench

SOURCE = ("127.0.0.1", 1)


class Keyboard:
    """Held keys on a clock that is set by hand."""

    def __init__(self, wanted: str = "chords") -> None:
        self.now_s, self.wanted = 0.0, wanted
        self.held = HeldKeys(lambda: self.wanted, lambda: self.now_s)

    def key(self, pitch: int, velocity: int, channel: int = 1) -> None:
        self.held.take(Message("/midi/note", (channel, pitch, velocity), SOURCE))

    def later(self) -> tuple[int, ...] | None:
        self.now_s += WHOLE_S + 0.001
        return self.held.step()


def test_keys_struck_together_are_one_chord() -> None:
    keyboard = Keyboard()
    for pitch in (62, 54, 57):
        keyboard.key(pitch, 70)
        assert keyboard.held.step() is None, "not yet whole"
    assert keyboard.held.waits
    assert keyboard.later() == (54, 57, 62)
    assert str(keyboard.held) == "F#3 A3 D4"
    assert keyboard.later() is None
    assert not keyboard.held.waits


def test_a_chord_stays_until_the_last_key_is_released() -> None:
    keyboard = Keyboard()
    for pitch in (54, 57):
        keyboard.key(pitch, 70)
    keyboard.later()
    keyboard.key(54, 0)
    assert keyboard.later() is None
    keyboard.key(55, 70)
    assert keyboard.later() == (55, 57)
    keyboard.key(57, 0)
    keyboard.key(55, 0)
    assert keyboard.later() == ()
    assert str(keyboard.held) == "none"


def test_only_a_mood_that_wants_it_is_steered_by_a_keyboard_but_each_by_osc() -> None:
    keyboard = Keyboard("continued")
    keyboard.key(60, 70)
    assert keyboard.later() is None
    keyboard.held.take(Message(HARMONY, (60, 64.0, 67), SOURCE))
    assert keyboard.held.step() == (60, 64, 67)
    keyboard.held.take(Message(HARMONY, (), SOURCE))
    assert keyboard.held.step() == ()


def test_drums_are_no_chord() -> None:
    keyboard = Keyboard()
    keyboard.key(38, 90, channel=10)
    assert keyboard.later() is None


@pytest.mark.parametrize("arguments", [(60, 200), ("C",), (60.5,), tuple(range(40, 60)), (-1,)])
def test_what_are_no_keys_is_refused(arguments: tuple[object, ...]) -> None:
    with pytest.raises(ControlError, match="up to 12 keys, whole numbers from 0 to 127"):
        keys_of(arguments)


def test_the_hub_sends_a_chord_to_the_renderer_and_shows_it() -> None:
    bench = Bench()
    bench.say("/state/dump")
    bench.say("/harmony/chord", 62, 66, 69)
    assert bench.got(bench.renderer)[str(Order.CHORD)] == (62, 66, 69)
    bench.later(0.5)
    assert bench.got(bench.controller)["/harmony/now"] == ("D4 F#4 A4",)
    bench.say("/performer/visitors", "chords")
    bench.say("/midi/note", 1, 50, 80)
    bench.later(WHOLE_S + 0.01)
    assert bench.got(bench.renderer)[str(Order.CHORD)] == (50,)
    bench.say("/midi/note", 1, 50, 0)
    bench.say("/harmony/chord")
    bench.later(WHOLE_S + 0.01)
    assert bench.got(bench.renderer)[str(Order.CHORD)] == ()
    bench.close()

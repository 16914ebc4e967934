"""Which keys are down, and for whom."""

from __future__ import annotations

from engine.elsewhere.instruments.keyboard import Keyboard
from engine.music.key_events import Action, KeyEvent


class Log:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[tuple[object, ...]] = []

    def key(self, voice: str, pitch: int, velocity: int) -> None:
        self.said.append((voice, pitch, velocity))

    def pedal(self, voice: str, down: bool) -> None:
        self.said.append((voice, "pedal", down))

    def release(self) -> None:
        self.said.append(("release",))


def test_patches_have_keys_of_their_own_for_each_voice() -> None:
    log = Log()
    keyboard = Keyboard(log, shares_keys=False)
    for voice in ("piano", "cello"):
        keyboard.play(KeyEvent(0, voice, Action.ON, 60, 80))
    keyboard.play(KeyEvent(0, "piano", Action.OFF, 60))
    assert log.said == [("piano", 60, 80), ("cello", 60, 80), ("piano", 60, 0)]


def test_the_pedal_stays_down_until_the_last_voice_has_let_it_go() -> None:
    log = Log()
    keyboard = Keyboard(log)
    for voice, value in (("piano", 1), ("cello", 1), ("piano", 0), ("cello", 0)):
        keyboard.play(KeyEvent(0, voice, Action.PEDAL, value=value))
    assert log.said == [("piano", "pedal", True), ("cello", "pedal", False)]


def test_the_velocity_of_the_instrument() -> None:
    log = Log()
    Keyboard(log, velocity=lambda value: value // 2).play(KeyEvent(0, "piano", Action.ON, 60, 80))
    assert log.said == [("piano", 60, 40)]


def test_a_strike_ends_only_itself() -> None:
    log = Log()
    keyboard = Keyboard(log)
    keyboard.play(KeyEvent(0, "piano", Action.ON, 60, 80), strike=1)
    keyboard.play(KeyEvent(0, "piano", Action.ON, 60, 90), strike=2)
    keyboard.play(KeyEvent(0, "piano", Action.OFF, 60), strike=1)
    assert log.said == [("piano", 60, 80), ("piano", 60, 0), ("piano", 60, 90)]
    assert not keyboard.is_at_rest
    keyboard.release()
    assert log.said[-2:] == [("piano", 60, 0), ("release",)]
    assert keyboard.is_at_rest

"""Keys and pedals in any unit of time, as strokes."""

from engine.music.midi.keyboard import Keyboard, Stroke


def test_a_key_struck_twice_and_released_twice_at_one_moment() -> None:
    keyboard = Keyboard()
    keyboard.strike(0, 0, 60, 70)
    keyboard.strike(5, 0, 60, 71)
    keyboard.release(5, 0, 60)
    keyboard.release(9, 0, 60)
    assert list(keyboard.strokes) == [Stroke(0, 5, 60, 70), Stroke(5, 9, 60, 71)]


def test_what_begins_as_a_channel_is_released_stays() -> None:
    keyboard = Keyboard()
    keyboard.strike(0, 0, 60, 70, track=1)
    keyboard.strike(4, 0, 64, 70, track=2)
    keyboard.control(4, 0, 123, 0)
    assert list(keyboard.strokes) == [Stroke(0, 4, 60, 70, 1)]
    assert keyboard.held == 1


def test_a_release_that_got_lost_and_what_is_remembered() -> None:
    keyboard = Keyboard(most=2)
    for pitch in (60, 62, 64):
        keyboard.strike(0.0, 0, pitch, 70)
    keyboard.release_older(5.0, 2.0)
    assert [(stroke.pitch, stroke.end) for stroke in keyboard.strokes] == [(62, 2.0), (64, 2.0)]
    keyboard.control(6.0, 0, 64, 127)
    assert keyboard.pedal_until(7.0) == [(6.0, 7.0)]
    keyboard.forget()
    assert not keyboard.strokes
    assert keyboard.pedal_until(8.0) == [(6.0, 8.0)]

"""A stream never ends: where the room gives nothing there is silence, and otherwise the room's own pace."""

from __future__ import annotations

from engine.elsewhere.streaming.source import LATE_S, Source


class Tail:
    """Gives what it is told to, once."""

    def __init__(self) -> None:
        self.data = b""

    def read(self, _now_s: float) -> bytes:
        data, self.data = self.data, b""
        return data


def test_nothing_comes_before_the_room_has_sounded() -> None:
    source = Source(Tail())  # type: ignore[arg-type]
    assert source.read(0.0) == source.read(100.0) == b""


def test_silence_takes_the_place_of_a_room_that_gives_nothing() -> None:
    tail = Tail()
    source = Source(tail)  # type: ignore[arg-type]
    tail.data = b"\1" * 600
    assert source.read(0.0) == b"\1" * 600
    given = sum(len(source.read(tenth / 10)) for tenth in range(1, 101)) / 6 / 48_000
    assert 10.0 - LATE_S <= given <= 10.0
    tail.data = b"\2" * 6
    assert source.read(10.1) == b"\2" * 6


def test_a_card_that_is_slow_by_a_ten_thousandth_gets_no_silence() -> None:
    tail = Tail()
    source = Source(tail)  # type: ignore[arg-type]
    for second in range(40_000):
        tail.data = bytes(6 * 47_995)
        source.read(float(second))
    assert source.padded_frames == 0

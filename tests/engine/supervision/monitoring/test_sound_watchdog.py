"""What is said once, what is done about it, and when nothing may be concluded."""

from __future__ import annotations

from engine.supervision.monitoring.sound_watchdog import AUDIBLE_S, WORDS, SoundWatchdog
from engine.supervision.statistics import Statistics


def watchman() -> tuple[SoundWatchdog, list[str]]:
    said: list[str] = []
    return SoundWatchdog(Statistics(0.0), lambda text, _trouble, _check: said.append(text)), said


def play(one: SoundWatchdog, begin_s: float, length_s: float, *, reels: bool, deaf: bool = False) -> list[str]:
    """Parts that were started anew; the room sounds, and reels follow each other or not."""
    parts = []
    for tenth in range(round(length_s * 10)):
        now_s = begin_s + tenth / 10
        one.take("/room/output", (float(tenth), -25.0 - tenth % 3, -26.0, -80.0), now_s)
        if reels and tenth % 5 == 0:
            one.take("/reel/playing", ("a",), now_s)
        if deaf:
            one.hears_badly()
        if step := one.look(now_s):
            parts.append(step[0])
    return parts


def test_a_room_without_reels_is_started_anew_and_it_is_said_once() -> None:
    one, said = watchman()
    assert play(one, 0.0, 10.0, reels=True) == []
    assert play(one, 10.0, 10.0, reels=False) == ["room"]
    assert said == [WORDS["deck"]]
    assert one.audible(20.0)
    assert not one.audible(20.0 + AUDIBLE_S + 1)
    play(one, 20.0, 10.0, reels=True)
    assert said[-1] == f"over: {WORDS['deck']}"


def test_in_a_flood_of_messages_reels_that_are_not_reported_prove_nothing() -> None:
    one, said = watchman()
    play(one, 0.0, 10.0, reels=True)
    assert play(one, 10.0, 60.0, reels=False, deaf=True) == []
    assert said == []

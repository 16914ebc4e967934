"""What is said once, what is done about it, and when nothing may be concluded."""

from __future__ import annotations

import logging

import pytest

from engine.osc.messages import Report
from engine.supervision.monitoring.audible import SILENT_S
from engine.supervision.monitoring.sound_watchdog import AUDIBLE_S, WORDS, SoundWatchdog
from engine.supervision.statistics import Statistics


def play(one: SoundWatchdog, begin_s: float, length_s: float, *, reels: bool, level_db: float = -25.0) -> list[str]:
    """Parts that were started anew; the room sounds, and reels follow each other or not."""
    parts = []
    for tenth in range(round(length_s * 10)):
        now_s = begin_s + tenth / 10
        one.take("/room/output", (float(tenth), level_db - tenth % 3, level_db - 1.0, -110.0), now_s)
        if reels and tenth % 5 == 0:
            one.take("/reel/playing", ("a",), now_s)
        if step := one.look(now_s):
            parts.append(step[0])
    return parts


def test_a_room_without_reels_is_started_anew_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    one = SoundWatchdog(Statistics(0.0))
    assert play(one, 0.0, 10.0, reels=True) == []
    assert play(one, 10.0, 10.0, reels=False) == ["room"]
    assert caplog.messages == [WORDS["deck"]]
    assert one.audible(20.0)
    assert not one.audible(20.0 + AUDIBLE_S + 1)
    play(one, 20.0, 10.0, reels=True)
    assert caplog.messages[-1] == f"over: {WORDS['deck']}"


@pytest.mark.parametrize("wanted", [1.0, 0.0])
def test_silence_is_a_fault_only_where_the_hub_says_that_sound_is_wanted(
    wanted: float, caplog: pytest.LogCaptureFixture
) -> None:
    one = SoundWatchdog(Statistics(0.0))
    one.take(Report.HUB_ALIVE, ("night", 1, wanted, 0.0), 0.0)
    play(one, 0.0, SILENT_S + 2.0, reels=True, level_db=-105.0)
    assert (WORDS["silence"] in caplog.messages) is bool(wanted)

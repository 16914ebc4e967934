"""What reports add up to."""

from __future__ import annotations

import pytest

from engine.supervision.statistics import Statistics


def heard(*levels: tuple[float, float]) -> Statistics:
    monitor = Statistics(started_s=100.0)
    for now_s, level_db in levels:
        monitor.take("/room/meter", (level_db, -100.0), now_s)
    return monitor


def test_first_sound_counts_from_the_command() -> None:
    monitor = heard((101.0, -100.0), (103.5, -30.0), (104.0, -20.0))
    assert monitor.first_sound_s == 3.5


def test_the_longest_silence_is_between_sounds_or_until_now() -> None:
    monitor = heard((103.0, -30.0), (104.0, -90.0), (105.5, -30.0), (106.0, -30.0))
    assert monitor.longest_silence_s(106.2) == pytest.approx(2.5)
    assert monitor.longest_silence_s(110.0) == pytest.approx(4.0)
    assert Statistics(started_s=100.0).longest_silence_s(130.0) == pytest.approx(30.0)


def test_hold_time_adds_up_and_ends_with_the_room() -> None:
    monitor = heard()
    for now_s, on in ((100.0, 0.0), (110.0, 1.0), (112.0, 0.0), (120.0, 1.0)):
        monitor.take("/room/hold", (on,), now_s)
    assert monitor.hold_s(121.0) == pytest.approx(3.0)
    monitor.room_died(122.0)
    assert monitor.hold_s(200.0) == pytest.approx(4.0)
    assert not monitor.in_hold


def test_counts_go_on_over_restarts() -> None:
    monitor = heard()
    for total in (1, 3, 0, 2):
        monitor.take("/renderer/nonfinite", (total,), 0.0)
    for count in (1.0, 2.0, 1.0):
        monitor.take("/room/late", (count,), 0.0)
    assert monitor.nonfinite_blocks == 5
    assert monitor.late_reels == 3

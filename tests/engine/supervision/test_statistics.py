"""What reports add up to."""

from __future__ import annotations

import pytest

from engine.supervision.statistics import Statistics


def heard(*levels: tuple[float, float]) -> Statistics:
    statistics = Statistics(started_s=100.0)
    for now_s, level_db in levels:
        statistics.take("/room/meter", (level_db, -100.0), now_s)
    return statistics


def test_first_sound_counts_from_the_command() -> None:
    statistics = heard((101.0, -100.0), (103.5, -30.0), (104.0, -20.0))
    assert statistics.first_sound_s == 3.5


def test_the_longest_silence_is_between_sounds_or_until_now() -> None:
    statistics = heard((103.0, -30.0), (104.0, -90.0), (105.5, -30.0), (106.0, -30.0))
    assert statistics.longest_silence_s(106.2) == pytest.approx(2.5)
    assert statistics.longest_silence_s(110.0) == pytest.approx(4.0)
    assert Statistics(started_s=100.0).longest_silence_s(130.0) == pytest.approx(30.0)


def test_hold_time_adds_up_and_ends_with_the_room() -> None:
    statistics = heard()
    for now_s, on in ((100.0, 0.0), (110.0, 1.0), (112.0, 0.0), (120.0, 1.0)):
        statistics.take("/room/hold", (on,), now_s)
    assert statistics.hold_s(121.0) == pytest.approx(3.0)
    statistics.room_died(122.0)
    assert statistics.hold_s(200.0) == pytest.approx(4.0)
    assert not statistics.in_hold


def test_counts_go_on_over_restarts() -> None:
    statistics = heard()
    for total in (1, 3, 0, 2):
        statistics.take("/renderer/nonfinite", (total,), 0.0)
    for count in (1.0, 2.0, 1.0):
        statistics.take("/room/late", (count,), 0.0)
    assert statistics.nonfinite_blocks == 5
    assert statistics.late_reels == 3

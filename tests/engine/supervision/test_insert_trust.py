"""Patches of one's own lose the trust of the supervisor where they end the room, or are too slow for it."""

from __future__ import annotations

from engine.supervision.insert_trust import SLOW, WINDOW_S, InsertTrust


def test_one_end_after_long_is_no_reason() -> None:
    trust = InsertTrust(wanted=True)
    assert not trust.room_ended(lived_s=4000.0, now_s=5000.0)
    assert not trust.room_ended(lived_s=5000.0, now_s=10_000.0)
    assert trust.trusted


def test_an_end_soon_after_the_start_is() -> None:
    trust = InsertTrust(wanted=True)
    assert trust.room_ended(lived_s=3.0, now_s=5000.0)
    assert not trust.trusted
    assert not trust.room_ended(lived_s=3.0, now_s=5010.0), "said once"


def test_so_are_two_ends_within_an_hour() -> None:
    trust = InsertTrust(wanted=True)
    assert not trust.room_ended(lived_s=4000.0, now_s=5000.0)
    assert trust.room_ended(lived_s=1000.0, now_s=6000.0)


def test_where_there_are_none_nothing_is_said() -> None:
    trust = InsertTrust(wanted=False)
    assert not trust.room_ended(lived_s=1.0, now_s=1.0)
    assert not slow_at(trust, 0.2, 60.0)


def slow_at(trust: InsertTrust, speed: float, length_s: float, begin_s: float = 100.0) -> bool:
    """Whether a room of this speed, which reports three times a second, is found slow."""
    found = False
    for third in range(round(3 * length_s)):
        count = int(speed * third / 3 / WINDOW_S)
        found |= trust.is_slow(float(count), begin_s + third / 3)
    return found


def test_a_room_that_is_in_time_is_left_alone_and_a_slow_one_is_not() -> None:
    assert not slow_at(InsertTrust(wanted=True), 1.0, 60.0)
    assert not slow_at(InsertTrust(wanted=True), SLOW + 0.1, 60.0)
    assert not slow_at(InsertTrust(wanted=True), 0.5, 8.0), "not for a moment"
    assert slow_at(InsertTrust(wanted=True), SLOW - 0.1, 60.0)


def test_a_new_room_counts_from_nought() -> None:
    trust = InsertTrust(wanted=True)
    assert not slow_at(trust, 1.0, 60.0)
    assert not slow_at(trust, 1.0, 60.0, begin_s=161.0)

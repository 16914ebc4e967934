"""The player's link to its guard: a real process, which outlives nobody."""

from __future__ import annotations

import time

import psutil

from engine.elsewhere.instruments.guard_link import GuardLink


def until(condition: object, limit_s: float = 30.0) -> None:
    end_s = time.monotonic() + limit_s
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end_s
        time.sleep(0.02)


def test_no_guard_is_started_before_there_is_something_to_guard() -> None:
    link = GuardLink()
    link.speak({}, down=False)
    assert link.pid is None


def test_a_guard_answers_and_ends_with_its_link() -> None:
    link = GuardLink()
    link.speak({"no such port": 1}, down=False)
    until(link.listen)
    assert link.there == {}
    guard = psutil.Process(link.pid)
    link.close()
    until(lambda: not guard.is_running() or guard.status() == psutil.STATUS_ZOMBIE)


def test_a_guard_that_was_killed_is_replaced() -> None:
    link = GuardLink()
    link.speak({"no such port": 1}, down=False)
    first = link.pid
    psutil.Process(first).kill()
    until(lambda: psutil.Process(first).status() == psutil.STATUS_ZOMBIE)
    link.speak({"no such port": 1}, down=False)
    assert link.pid not in (None, first)
    link.close()

"""A bucket of words: so many at once, then so many a second."""

from __future__ import annotations

from engine.hub.oscquery.allowance import Allowance


def test_so_many_at_once_and_so_many_a_second() -> None:
    now_s = [0.0]
    one = Allowance(10.0, 5.0, lambda: now_s[0])
    assert [one.take() for _ in range(6)] == [True] * 5 + [False]
    now_s[0] = 0.25
    assert [one.take() for _ in range(3)] == [True, True, False]
    now_s[0] = 100.0
    assert sum(one.take() for _ in range(50)) == 5

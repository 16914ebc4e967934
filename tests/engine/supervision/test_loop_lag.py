"""What the watcher knows of its own lateness, and whom it excuses for it."""

from __future__ import annotations

from engine.supervision.loop_lag import REMEMBERED_S, LoopLag


def test_a_punctual_loop_is_not_late() -> None:
    lag = LoopLag(0.2)
    assert [lag.look(0.1 * tenth) for tenth in range(100)] == [0.0] * 100


def test_the_worst_lateness_is_remembered_for_a_while() -> None:
    lag = LoopLag(0.2)
    lag.look(0.0)
    assert abs(lag.look(0.7) - 0.5) < 1e-9
    assert abs(lag.look(1.0) - 0.5) < 1e-9, "the lesser one after it changes nothing"
    late = [lag.look(1.0 + 0.1 * tenth) for tenth in range(1, 80)]
    assert late[0] > 0.0
    assert late[-1] == 0.0
    assert sum(one > 0.0 for one in late) * 0.1 <= REMEMBERED_S + 0.1

"""What lasts counts, what flickers does not."""

from __future__ import annotations

from engine.supervision.monitoring.hysteresis import Hysteresis


def test_it_begins_after_its_time_and_ends_after_the_other() -> None:
    hysteresis = Hysteresis(after_s=3.0, clear_s=2.0)
    seen = [hysteresis.see(bad=now_s < 5, good=now_s >= 5, now_s=float(now_s)) for now_s in range(10)]
    assert seen == [False, False, False, True, True, True, True, False, False, False]


def test_one_good_look_starts_the_count_anew() -> None:
    hysteresis = Hysteresis(after_s=3.0)
    seen = [hysteresis.see(bad=now_s % 3 != 2, good=now_s % 3 == 2, now_s=float(now_s)) for now_s in range(60)]
    assert not any(seen)


def test_between_the_thresholds_nothing_changes() -> None:
    hysteresis = Hysteresis(after_s=1.0, clear_s=1.0)
    for now_s in (0.0, 1.0):
        hysteresis.see(bad=True, good=False, now_s=now_s)
    assert all(hysteresis.see(bad=False, good=False, now_s=2.0 + now_s) for now_s in range(50))
    hysteresis.forget()
    assert not hysteresis.on

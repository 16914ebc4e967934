"""When people are told: once an hour for each cause, not in quiet hours, and again when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.supervision.alerts.policy import AGAIN_S, Policy, is_quiet
from engine.supervision.alerts.settings import QuietHours

DAY = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NIGHT = QuietHours(begin="23:00", end="07:00")


def told(policy: Policy, lasting: dict[str, str], now_s: float) -> list[tuple[str, str]]:
    clock = DAY + timedelta(seconds=now_s)
    return [(alert.cause, alert.state) for alert in policy.due(lasting, now_s, clock)]


def test_once_an_hour_and_once_when_it_is_over() -> None:
    policy = Policy()
    begun = [told(policy, {"hold": "x"}, second) for second in range(0, int(2.5 * AGAIN_S), 10)]
    assert [one for one in begun if one] == [[("hold", "begins")], [("hold", "lasts")], [("hold", "lasts")]]
    assert policy.now == "hold since 12:00"
    assert told(policy, {}, 3 * AGAIN_S) == [("hold", "over")]
    assert told(policy, {}, 3 * AGAIN_S + 1) == []
    assert policy.now == "none"


def test_what_comes_and_goes_tells_no_more_than_that() -> None:
    """Every cause by itself; of a cause that flickers for an hour: its beginning and its end, once."""
    policy, count = Policy(), 0
    for second in range(0, int(AGAIN_S) - 10, 20):
        count += len(told(policy, {"hold": "x"}, second)) + len(told(policy, {}, second + 10))
    assert count == 2
    assert told(policy, {"disk": "y"}, AGAIN_S - 5) == [("disk", "begins")]


def test_in_quiet_hours_nobody_is_woken_and_in_the_morning_what_lasts_is_told() -> None:
    policy = Policy(NIGHT)
    late_s = 11.5 * 3600
    assert told(policy, {"silence": "x"}, late_s) == []
    assert told(policy, {"silence": "x"}, late_s + 7 * 3600) == []
    assert told(policy, {"silence": "x"}, late_s + 8 * 3600) == [("silence", "begins")]
    other = Policy(NIGHT)
    assert told(other, {"silence": "x"}, late_s) == []
    assert told(other, {}, late_s + 60) == [], "what was over before anybody was told stays unsaid"


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [(("23:00", "07:00"), {23, 0, 6}), (("12:00", "14:00"), {12, 13}), (("09:00", "09:00"), set())],
)
def test_hours_may_go_over_midnight(hours: tuple[str, str], quiet: set[int]) -> None:
    one = QuietHours(begin=hours[0], end=hours[1])
    found = {hour for hour in range(24) if is_quiet(one, DAY.replace(hour=hour))}
    assert quiet <= found
    assert len(found) == {"23:00": 8, "12:00": 2, "09:00": 0}[hours[0]]
    assert not is_quiet(None, DAY)

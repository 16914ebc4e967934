"""Which states are worth an alert: what lasts, and only that."""

from __future__ import annotations

from typing import Any

import pytest

from engine.supervision.alerts.causes import CLEAR_S, HOUR_S, Causes
from engine.supervision.alerts.settings import Alerts, Webhook

WELL: dict[str, Any] = {
    "failing": [],
    "in_hold": False,
    "restarts": {"hub": 0, "room": 0},
    "disk_mb": {"runtime_free": 500.0, "home_free": 9000.0},
    "card_trouble": "",
}
SETTINGS = Alerts(webhooks=[Webhook(url="http://127.0.0.1:1/")])
BAD: dict[str, dict[str, Any]] = {
    "silence": {"failing": ["silence"]},
    "hold": {"in_hold": True},
    "disk": {"disk_mb": {"runtime_free": 3.0}},
    "card": {"card_trouble": "the sound card Scarlett is not there, or does not work"},
}


def lasting(causes: Causes, report: dict[str, Any] | None, begin_s: float, length_s: float) -> set[str]:
    found: set[str] = set()
    for second in range(int(length_s) + 1):
        found = set(causes.look(report, begin_s + second))
    return found


@pytest.mark.parametrize("cause", BAD)
def test_what_lasts_is_found_and_what_passes_is_not(cause: str) -> None:
    causes = Causes(SETTINGS)
    after_s = getattr(SETTINGS.after_s, cause)
    bad = {**WELL, **BAD[cause]}
    assert lasting(causes, WELL, 0.0, 100.0) == set()
    assert lasting(causes, bad, 100.0, after_s - 2.0) == set()
    assert lasting(causes, WELL, 200.0, 5.0) == set(), "it passed, and counts anew"
    assert lasting(causes, bad, 300.0, after_s - 2.0) == set()
    assert lasting(causes, bad, 300.0 + after_s, 5.0) == {cause}
    assert lasting(causes, WELL, 500.0, CLEAR_S - 2.0) == {cause}, "over only when it has been well for a while"
    assert lasting(causes, WELL, 500.0 + CLEAR_S, 2.0) == set()


def test_restarts_are_counted_by_the_hour() -> None:
    causes = Causes(SETTINGS)
    for number in range(SETTINGS.restarts_per_hour):
        report = {**WELL, "restarts": {"renderer": number}}
        assert "restarts" not in causes.look(report, number * 60.0)
    report = {**WELL, "restarts": {"renderer": 4, "hub": 1}}
    assert causes.look(report, 400.0)["restarts"] == "5 restarts within an hour"
    assert "restarts" not in causes.look(report, 400.0 + HOUR_S + 2 * CLEAR_S) or "restarts" not in causes.look(
        report, 400.0 + HOUR_S + 4 * CLEAR_S
    )


def test_a_new_run_begins_to_count_anew() -> None:
    causes = Causes(SETTINGS)
    causes.look({**WELL, "restarts": {"hub": 4}}, 0.0)
    assert "restarts" not in causes.look({**WELL, "restarts": {"hub": 0}}, 1.0)
    assert "restarts" not in causes.look({**WELL, "restarts": {"hub": 4}}, 2.0)


def test_a_supervisor_that_says_nothing_is_told_of() -> None:
    causes = Causes(SETTINGS)
    assert lasting(causes, None, 0.0, SETTINGS.after_s.unheard - 2.0) == set()
    assert lasting(causes, None, SETTINGS.after_s.unheard, 2.0) == {"unheard"}
    assert lasting(causes, WELL, 100.0, CLEAR_S + 1.0) == set()


def test_a_report_of_another_version_is_no_alarm() -> None:
    assert Causes(SETTINGS).look({}, 0.0) == {}

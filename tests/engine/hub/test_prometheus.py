"""What becomes of a report when it is told as metrics."""

from __future__ import annotations

from typing import Any

from engine.hub.prometheus import ReportCollector


def samples(report: dict[str, Any]) -> dict[tuple[str, ...], float]:
    families = ReportCollector(lambda: report).collect()
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_numbers_keep_their_parts_and_units() -> None:
    found = samples({"hold_s": 2.5, "restarts": {"hub": 1}, "failing": ["dc"], "level_db": [-20.0, -21.0]})
    assert found == {
        ("ameublement_hold_seconds_total",): 2.5,
        ("ameublement_restarts_total", "hub"): 1.0,
        ("ameublement_level_db", "left"): -20.0,
        ("ameublement_level_db", "right"): -21.0,
        ("ameublement_failing", "dc"): 1.0,
    }


def test_what_is_not_known_is_left_out() -> None:
    assert samples({}) == {}

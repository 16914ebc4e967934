"""The supervisor's report in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import make_wsgi_app
from prometheus_client.registry import Collector

MEGABYTE: Final = 1e6

GAUGES: Final = {
    "uptime_s": ("uptime_seconds", "since the command was given"),
    "lead_reels": ("lead_reels", "reels rendered beyond the one that plays"),
    "in_hold": ("in_hold", "1 while the hold loop plays"),
}
COUNTERS: Final = {
    "played_s": ("played_seconds", "in which something was heard"),
    "reels_played": ("reels_played", "reels that were played"),
    "late_reels": ("late_reels", "times the room had to go to its hold loop"),
    "bad_reels": ("bad_reels", "reels that could not be played"),
    "nonfinite_blocks": ("nonfinite_blocks", "stems silenced for a step since they held no numbers"),
    "holds": ("holds", "times the hold loop played"),
    "hold_s": ("hold_seconds", "in the hold loop"),
    "gaps": ("gaps", "stretches in which nothing was heard"),
    "gap_s": ("gap_seconds", "in which nothing was heard"),
}
"""What only grows while the installation runs; `_total` is added to their names."""
BY_PART: Final = {
    "restarts": (CounterMetricFamily, "restarts", "times a part was started again", 1.0),
    "memory_mb": (GaugeMetricFamily, "memory_bytes", "resident memory of a part", MEGABYTE),
    "handles": (GaugeMetricFamily, "open_handles", "files and sockets that a part holds", 1.0),
    "cpu_s": (CounterMetricFamily, "cpu_seconds", "processor time of a part and its predecessors", 1.0),
    "disk_mb": (GaugeMetricFamily, "disk_bytes", "space on disks", MEGABYTE),
}
"""Kind, name, meaning, and how much of Prometheus' base unit one of the report's is."""


class ReportCollector(Collector):
    """Turns the latest report into metrics whenever Prometheus asks."""

    def __init__(self, latest: Callable[[], Mapping[str, Any]]) -> None:
        self._latest = latest

    def collect(self) -> Iterator[Metric]:
        report = self._latest()
        for key, (name, about) in GAUGES.items():
            if key in report:
                yield GaugeMetricFamily(f"ameublement_{name}", about, value=float(report[key]))
        for key, (name, about) in COUNTERS.items():
            if key in report:
                yield CounterMetricFamily(f"ameublement_{name}", about, value=float(report[key]))
        for key, (kind, name, about, unit) in BY_PART.items():
            family = kind(f"ameublement_{name}", about, labels=["part"])
            for part, value in report.get(key, {}).items():
                family.add_metric([part], float(value) * unit)
            yield family
        levels = GaugeMetricFamily("ameublement_level_db", "level of what leaves the room", labels=["side"])
        for side, value in zip(("left", "right"), report.get("level_db", ()), strict=False):
            levels.add_metric([side], float(value))
        yield levels
        failing = GaugeMetricFamily("ameublement_failing", "checks of what is heard that fail", labels=["check"])
        for check in report.get("failing", ()):
            failing.add_metric([check], 1.0)
        yield failing


def metrics_app(latest: Callable[[], Mapping[str, Any]]) -> Callable[..., Iterable[bytes]]:
    """A WSGI application that answers with the metrics of the `latest` report."""
    registry = CollectorRegistry()
    registry.register(ReportCollector(latest))
    app: Callable[..., Iterable[bytes]] = make_wsgi_app(registry)
    return app

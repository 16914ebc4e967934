"""The endpoint as Prometheus meets it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from engine.hub.metrics import MetricsServer
from engine.hub.prometheus import COUNTERS, GAUGES
from engine.osc.port import LOOPBACK

REPORT: dict[str, Any] = {
    "uptime_s": 12.5,
    "lead_reels": 5.0,
    "in_hold": False,
    "level_db": [-20.0, -21.5],
    "restarts": {"room": 2, "sampler": 0},
    "memory_mb": {"room": 60.1},
    "cpu_s": {"room": 7.5},
    "disk_mb": {"home_free": 1200.5},
    "reels_played": 12,
    "gap_s": 0.5,
    "failing": ["dc"],
}


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    one = MetricsServer(0, lambda: REPORT)
    yield one
    one.close()


def get(server: MetricsServer, path: str) -> str:
    with urlopen(f"http://{LOOPBACK}:{server.port}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def test_what_prometheus_reads(server: MetricsServer) -> None:
    families = text_string_to_metric_families(get(server, "/metrics"))
    values = {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}
    assert values[("ameublement_uptime_seconds",)] == 12.5
    assert values[("ameublement_restarts_total", "room")] == 2
    assert values[("ameublement_reels_played_total",)] == 12
    assert values[("ameublement_gap_seconds_total",)] == 0.5
    assert values[("ameublement_cpu_seconds_total", "room")] == 7.5
    assert values[("ameublement_memory_bytes", "room")] == 60_100_000
    assert values[("ameublement_disk_bytes", "home_free")] == 1_200_500_000
    assert values[("ameublement_level_db", "right")] == -21.5
    assert values[("ameublement_failing", "dc")] == 1
    assert values[("ameublement_in_hold",)] == 0


def test_the_report_as_json_and_nothing_else(server: MetricsServer) -> None:
    assert json.loads(get(server, "/status")) == REPORT
    for path in ("/", "/../etc/passwd", "/status/x"):
        with pytest.raises(HTTPError, match="404"):
            get(server, path)


def test_it_listens_on_this_machine_only(server: MetricsServer) -> None:
    assert server._server.server_address[0] == LOOPBACK


def test_what_only_grows_is_a_counter_and_sizes_are_bytes(server: MetricsServer) -> None:
    """As Prometheus wants names (https://prometheus.io/docs/practices/naming/)."""
    for family in text_string_to_metric_families(get(server, "/metrics")):
        if not family.samples:
            continue
        counts = all(sample.name.endswith("_total") for sample in family.samples)
        assert (family.type == "counter") == counts, family.name
        assert "mega" not in family.name
    assert {*GAUGES, *COUNTERS} >= {"uptime_s", "gaps"}
    assert not set(GAUGES) & set(COUNTERS)


def test_before_the_supervisor_has_said_anything_nothing_is_made_up() -> None:
    one = MetricsServer(0, dict)
    try:
        with pytest.raises(HTTPError, match="503"):
            get(one, "/status")
        assert "ameublement_uptime_seconds" not in get(one, "/metrics")
    finally:
        one.close()

"""The simulation itself, for an hour; `make soak` simulates three days."""

from __future__ import annotations

from pathlib import Path

from tests.soak.simulate import simulate


def test_a_simulated_hour_stays_bounded_and_raises_no_alarm(tmp_path: Path) -> None:
    found = simulate(tmp_path, hours=1, jumps=False)
    assert found.alarms == []
    assert len(found.hours) == 1
    assert found.hours[-1].phrases > 50
    assert found.hours[-1].files < 120
    assert found.hours[-1].disk_mb < 5
    assert 3500 < found.played_s <= 3600

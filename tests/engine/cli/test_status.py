"""`status`, for people and for machines."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import main
from engine.hub.metrics import METRICS_PORT, MetricsServer
from engine.supervision.monitoring.report import disk_mb, report
from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage


def playing(folder: Path, age_s: float = 0.0) -> dict[str, Any]:
    statistics = Statistics(started_s=time.monotonic() - 100.0, mood="night", seed=3)
    statistics.take("/room/meter", (-20.0, -21.0), time.monotonic() - 95.0)
    return report(
        statistics=statistics,
        usage={name: Usage() for name in ("supervisor", "sampler", "renderer", "room")},
        pids={"supervisor": 1, "sampler": 2, "renderer": 3, "room": 4, "surface": None},
        restarts={"sampler": 1, "room": 0},
        failing=["dc"],
        disk=disk_mb(folder, folder),
        now_s=time.monotonic() - age_s,
    )


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as ended:
        main(["status", *options])
    code = ended.value.code
    return (code if isinstance(code, int) else 1), capsys.readouterr().out + str(code)


def test_people_read_what_matters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "status.json").write_text(json.dumps(playing(tmp_path)))
    code, said = run(capsys, "--runtime", str(tmp_path))
    assert code == 0
    for part in ("mood night", "-20.0 dB", "sampler 1", "process 4", "dc", "MB free"):
        assert part in said


def test_machines_get_pids_by_role(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "status.json").write_text(json.dumps(playing(tmp_path)))
    code, said = run(capsys, "--json", "--runtime", str(tmp_path))
    found = json.loads(said[: said.rindex("}") + 1])
    assert code == 0
    assert {"supervisor", "sampler", "renderer", "room"} <= set(found["pids"])
    assert found["age_s"] < 5.0


def test_over_the_network_of_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = MetricsServer(0, lambda: playing(tmp_path))
    try:
        code, said = run(capsys, "--json", "--port", str(server.port - METRICS_PORT))
    finally:
        server.close()
    assert code == 0
    assert '"mood": "night"' in said


def test_one_that_does_not_answer_any_more_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "status.json").write_text(json.dumps(playing(tmp_path, age_s=60.0)))
    assert run(capsys, "--runtime", str(tmp_path))[0] == 3


@pytest.mark.parametrize("options", [("--runtime", "{}/none"), ("--runtime", "{}"), ("--port", "1030")])
def test_where_none_plays_it_says_what_to_do(
    options: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if options[1] == "{}":
        (tmp_path / "status.json").write_text("{half")
    code, said = run(capsys, *(option.format(tmp_path) for option in options))
    assert code == 1
    assert "error: " in said

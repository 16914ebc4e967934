"""The report of a soak, from a table and a recording whose figures are known."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.soak.observe import COLUMNS
from tests.soak.report import listen, slope_per_h, write_report


def test_silence_is_found_across_pieces(tmp_path: Path) -> None:
    audio = np.random.default_rng(1).uniform(-0.1, 0.1, (48_000 * 41, 2))
    audio[48_000 * 20 - 100 : 48_000 * 20 + 200] = 0.0
    audio[5_000:5_050] = 0.0
    soundfile.write(tmp_path / "out.wav", audio, 48_000, subtype="PCM_24")
    heard = listen(tmp_path / "out.wav")
    assert (heard["longest_silence_frames"], heard["silent_frames"]) == (300, 350)
    assert heard["length_s"] == pytest.approx(41.0)
    assert heard["levels_db"][0] == pytest.approx(-24.8, abs=0.1)


def test_growth_is_that_of_the_second_half() -> None:
    time_s = np.arange(0, 7200, 5.0)
    assert slope_per_h(time_s, 100.0 + np.minimum(time_s, 3600) / 36.0) == pytest.approx(0.0, abs=1e-6)
    assert slope_per_h(time_s, time_s / 3600.0) == pytest.approx(1.0)


def test_a_report_with_pictures(tmp_path: Path) -> None:
    with (tmp_path / "soak.csv").open("w") as sink:
        writer = csv.DictWriter(sink, COLUMNS)
        writer.writeheader()
        for number in range(40):
            row = dict.fromkeys(COLUMNS, 1.0)
            writer.writerow({**row, "time_s": number * 60.0, "mood": "night", "failing": ""})
    hours = [
        {"hour": n, "rss_mb": 50.0, "objects": 1, "files": 9, "disk_mb": 1.0, "phrases": n, "gaps": 0} for n in range(5)
    ]
    found = {"hours": hours, "alarms": [], "days": ["played 24 h"], "restarts": {}, "slope_mb_per_h": 0.01}
    (tmp_path / "s.json").write_text(json.dumps(found))
    soundfile.write(tmp_path / "out.wav", np.full((48_000 * 3, 2), 0.1), 48_000, subtype="PCM_24")
    report = write_report(tmp_path / "report", tmp_path / "soak.csv", tmp_path / "s.json", tmp_path / "out.wav")
    text = report.read_text()
    assert "longest silence 0 frames" in text
    assert "- played 24 h" in text
    assert all((report.parent / name).stat().st_size > 5_000 for name in ("hours.png", "simulation.png"))

"""The report of a soak, from a table and a recording whose figures are known."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.fuzz.__main__ import Tally
from tests.soak.listening import listen
from tests.soak.observe import COLUMNS
from tests.soak.report import write_report


def test_silence_is_found_across_pieces(tmp_path: Path) -> None:
    audio = np.random.default_rng(1).uniform(-0.1, 0.1, (48_000 * 41, 2))
    audio[48_000 * 20 - 100 : 48_000 * 20 + 200] = 0.0
    audio[5_000:5_050] = 0.0
    soundfile.write(tmp_path / "out.wav", audio, 48_000, subtype="PCM_24")
    heard = listen(tmp_path / "out.wav")
    assert (heard["longest_silence_frames"], heard["silent_frames"]) == (300, 350)
    assert heard["length_s"] == pytest.approx(41.0)
    assert heard["levels_db"][0] == pytest.approx(-24.8, abs=0.1)


@pytest.mark.parametrize(("at_the_end", "missed"), [(4_000, 0), (6_000, 6_000)])
def test_nothing_is_missed_before_the_first_sound_and_as_the_room_closes(
    at_the_end: int, missed: int, tmp_path: Path
) -> None:
    audio = np.full((48_000 * 45, 2), 0.1)
    audio[: 48_000 * 21] = 0.0
    audio[-at_the_end:] = 0.0
    soundfile.write(tmp_path / "out.wav", audio, 48_000, subtype="PCM_24")
    assert listen(tmp_path / "out.wav")["silent_frames"] == missed


def table(path: Path, moods: Sequence[str], **columns: Sequence[float]) -> None:
    with path.open("w") as sink:
        writer = csv.DictWriter(sink, COLUMNS)
        writer.writeheader()
        for number, mood in enumerate(moods):
            row = dict.fromkeys(COLUMNS, 1.0) | {name: column[number] for name, column in columns.items()}
            writer.writerow({**row, "mood": mood, "failing": ""})


def test_a_report_of_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "hours").mkdir()
    table(tmp_path / "hours" / "soak.csv", ["night"] * 40, time_s=[number * 60.0 for number in range(40)])
    soundfile.write(tmp_path / "hours" / "out.wav", np.full((48_000 * 3, 2), 0.1), 48_000, subtype="PCM_24")
    text = write_report(tmp_path, tmp_path / "report").read_text()
    assert "longest silence 0 frames" in text
    assert "| renderer | 1.0 MB | +0.00 ± 0.00 MB |" in text
    assert "simulated" not in text
    hours = [
        {"hour": n, "rss_mb": 50.0, "objects": 1, "files": 9, "disk_mb": 1.0, "phrases": n, "gaps": 0} for n in range(5)
    ]
    found = {"hours": hours, "alarms": [], "days": ["played 24 h"], "restarts": {}, "slope_mb_per_h": 0.01}
    (tmp_path / "simulation.json").write_text(json.dumps(found))
    tally = Tally({"mood": 900}, 0.5, 90.0, [], {"runs": 100, "reached": 7, "kept": 3})
    (tmp_path / "fuzz.json").write_text(json.dumps(asdict(tally)))
    (tmp_path / "rendering.csv").write_text("time_s,mood,mb\n" + "".join(f"{n},a,300\n" for n in range(0, 7200, 60)))
    report = write_report(tmp_path, tmp_path / "report")
    text = report.read_text()
    assert "- played 24 h" in text
    assert "1,000 damaged inputs" in text
    assert "300 MB at the end, growth +0.00 ± 0.00 MB per hour" in text
    names = ("hours.png", "simulation.png", "rendering.png")
    assert all((report.parent / name).stat().st_size > 5_000 for name in names)

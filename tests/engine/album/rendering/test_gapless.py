"""A cue sheet is as many lines as it should be, whatever stands in titles and comments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.album.performance.played import Played
from engine.album.plan.plan import Planner, RecordPlan
from engine.album.plan.sheet import Record
from engine.album.rendering.gapless import cue_sheet
from engine.album.sleeve.sleeve import write_sleeve
from engine.album.sound_files.audio_files import Tags
from engine.files.checked_yaml import Document

ODD = 'Rain "one"\nFILE "x" WAVE\r\n  TRACK 99 AUDIO\u2028[/ snow] $\\frac$ 5 $'


@pytest.fixture
def plan(tmp_path: Path) -> RecordPlan:
    tracks = [{"title": title, "sections": [{"rest": True, "name": "a", "length": 4}]} for title in (ODD, "Air")]
    record = Record.model_validate({"title": ODD, "artist": ODD, "tracks": tracks})
    return Planner(Document(tmp_path / "r.yaml", record, {})).plan()


def test_a_cue_sheet_with_odd_titles(plan: RecordPlan) -> None:
    tags = Tags(title=ODD, artist=ODD, album=ODD, comment=ODD, software=ODD)
    lines = cue_sheet(plan, [96_000, 96_000], 48_000, tags).splitlines()
    words = [line.split()[0] for line in lines]
    assert words == ["REM", "PERFORMER", "TITLE", "FILE", *["TRACK", "TITLE", "PERFORMER", "INDEX"] * 2]
    assert [line for line in lines if line.startswith("FILE")] == ['FILE "album.flac" WAVE']
    assert all(line.count('"') in (0, 2) for line in lines)
    assert lines[5].strip() == "TITLE \"Rain 'one' FILE 'x' WAVE TRACK 99 AUDIO [/ snow] $\\frac$ 5 $\""


def test_a_sleeve_with_odd_titles(plan: RecordPlan, tmp_path: Path) -> None:
    """Dollar signs are no formulas."""
    levels = [np.full((20, 30), -40.0, np.float32)] * 2
    write_sleeve(tmp_path, plan, {1: Played(()), 2: Played(())}, levels)
    assert (tmp_path / "sleeve.png").stat().st_size > 1_000

"""A track's form in figures: sections beside their plan, pauses, and the ending."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.album.measurement.form import PlannedStretch, form_of, pauses
from engine.music.notes import Note
from tests.engine.album.measurement.test_loudness_over_time import tone as tone_at

RATE_HZ = 12_000
"""Enough for tones of 1 kHz."""
PLAN = [
    PlannedStretch("soft", 0.0, 20.0, -12.0, 1.0, 60.0),
    PlannedStretch("loud", 20.0, 40.0, 0.0, 3.0, 72.0),
    PlannedStretch("middle", 40.0, 60.0, -6.0, 2.0, 66.0),
]


def tone(level_dbfs: float, length_s: float) -> np.ndarray:
    return tone_at(level_dbfs, length_s, RATE_HZ)


def notes(levels: list[tuple[float, int]]) -> list[Note]:
    """Twenty seconds for each (notes a second, pitch)."""
    return [
        Note(20.0 * part + n / rate, pitch, 0.5, 60)
        for part, (rate, pitch) in enumerate(levels)
        for n in range(round(20 * rate))
    ]


def test_what_does_as_planned_correlates_and_what_does_the_contrary_does_not() -> None:
    sound = np.concatenate([tone(-32, 20.0), tone(-20, 20.0), tone(-26, 20.0)])
    form = form_of(sound, RATE_HZ, notes([(1, 60), (3, 72), (2, 66)]), PLAN)
    assert form.range_lu == pytest.approx(12.0, abs=1.0)
    assert min(form.follows(what) for what in ("level", "density", "register")) > 0.99
    assert [round(s.lufs) for s in form.stretches] == [-32, -20, -26]
    contrary = form_of(sound[::-1].copy(), RATE_HZ, notes([(3, 72), (1, 60), (2, 66)]), PLAN)
    assert max(contrary.follows(what) for what in ("density", "register")) < 0.0
    assert math.isnan(form_of(sound, RATE_HZ, notes([(1, 60)]), PLAN[:2]).follows("level")), "two say nothing"


def test_a_pause_that_rings_on_is_no_level_that_is_missed() -> None:
    plan = [*PLAN[:2], PlannedStretch("hush", 40.0, 44.0, -60.0, 0.0, None), replace(PLAN[2], start_s=44.0, end_s=64.0)]
    sound = np.concatenate([tone(-32, 20.0), tone(-20, 20.0), tone(-36, 4.0), tone(-26, 20.0)])
    assert form_of(sound, RATE_HZ, (), plan).follows("level") > 0.99
    planned_as_level = [replace(stretch, level_db=max(stretch.level_db, -39.0)) for stretch in plan]
    assert form_of(sound, RATE_HZ, (), planned_as_level).follows("level") < 0.9, "the control"


def test_a_general_pause_is_long_enough_and_not_the_end() -> None:
    silence = 0 * tone(0, 2.0)
    sound = np.concatenate(
        [tone(-20, 20.0), silence, tone(-20, 20.0), silence[: RATE_HZ // 5], tone(-20, 20.0), silence]
    )
    [(start_s, end_s)] = pauses(sound, RATE_HZ)
    assert start_s == pytest.approx(20.2, abs=0.25)
    assert end_s == pytest.approx(21.8, abs=0.25)


def test_an_ending_is_compared_with_what_comes_before_it() -> None:
    sound = np.concatenate([tone(-20, 26.0), tone(-30, 26.0)])
    busy = [Note(0.25 * n, 64, 0.4, 70) for n in range(104)]
    calm = [Note(26.0 + n, 62, 2.0, 50) for n in range(24)]
    ending = form_of(sound, RATE_HZ, [*busy, *calm, Note(50.0, 38, 3.0, 40)], PLAN).ending
    assert ending is not None
    assert ending.density_ratio < 0.4
    assert ending.softer_lu == pytest.approx(10.0, abs=1.5)
    assert ending.last_bass == 38
    assert form_of(sound, RATE_HZ, busy[:3], PLAN).ending is None

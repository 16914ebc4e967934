"""What the room reports of itself, on sounds that are well and on faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pd.batch import HERE, Event, Report, run_batch


def rows(reports: list[Report], after: int = 4) -> list[tuple[float, ...]]:
    """(count, left, right, dc) of what was reported; the first ones are left out."""
    return [tuple(map(float, one.arguments)) for one in reports if one.address == "/watched"][after:]


def watch(folder: Path, *messages: str, length_ms: float = 4_000) -> list[tuple[float, ...]]:
    events = [Event(0.0, message) for message in messages] + [Event(length_ms, messages[0])]
    reports, errors = run_batch(folder, [HERE / "watched.pd"], events)
    assert not errors
    return rows(reports)


def test_a_tone_has_its_level_and_stands_nowhere_still(tmp_path: Path) -> None:
    found = watch(tmp_path, "watched-tone 0.1", "watched-dc 0")
    assert len(found) >= 10
    for _, left_db, right_db, dc_db in found:
        assert left_db == pytest.approx(-23, abs=0.2)
        assert right_db == pytest.approx(-23, abs=0.2)
        assert dc_db < -60
    counts = [count for count, *_ in found]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0] + 8


def test_a_direct_current_is_told_apart(tmp_path: Path) -> None:
    for _, left_db, _, dc_db in watch(tmp_path, "watched-tone 0", "watched-dc 0.1"):
        assert dc_db == pytest.approx(left_db, abs=0.4)
        assert dc_db == pytest.approx(-20, abs=0.4)


def test_silence_is_minus_100(tmp_path: Path) -> None:
    assert {row[1:] for row in watch(tmp_path, "watched-tone 0", "watched-dc 0")} == {(-100.0, -100.0, -100.0)}


def test_when_nothing_is_computed_the_count_stands_still(tmp_path: Path) -> None:
    events = [Event(0.0, "watched-tone 0.1"), Event(3_000, "pd dsp 0"), Event(8_000, "watched-tone 0.1")]
    reports, _ = run_batch(tmp_path, [HERE / "watched.pd"], events)
    counts = [count for count, *_ in rows(reports)]
    assert counts[-4:] == [counts[-1]] * 4
    assert counts[0] < counts[-1]

"""`day` lists what a file brings."""

from __future__ import annotations

import pytest

from engine.cli.__main__ import main


def said_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        main(["day", *arguments])
    return capsys.readouterr().out


def test_a_day_with_its_hours_and_a_holiday(capsys: pytest.CaptureFixture[str]) -> None:
    thursday = said_by(capsys, "gallery", "--from", "2026-11-26", "--days", "1")
    assert [line.split()[3:] for line in thursday.splitlines()[1:]] == [
        ["00:00", "night", "closed"],
        ["06:00", "airport", "closed"],
        ["11:00", "airport", "open"],
        ["13:00", "gymnopedie", "open"],
        ["16:29", "gnossienne", "open"],
        ["17:59", "night", "open"],
        ["22:00", "night", "closed"],
    ]
    christmas = said_by(capsys, "gallery", "--from", "2026-12-25", "--days", "1")
    assert "open" not in christmas

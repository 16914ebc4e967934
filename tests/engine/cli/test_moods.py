"""`moods` lists what can be chosen, and reports broken files."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli import moods as command
from engine.cli.__main__ import main
from engine.parameters import moods as presets


def test_the_moods_that_ship_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["moods"])
    assert exit_.value.code in (0, None)
    said = capsys.readouterr().out
    assert all(name in said for name in presets.list_moods())


def test_a_broken_file_is_reported_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.yaml").write_text("title: Good")
    (tmp_path / "bad.yaml").write_text("title: Bad\nlayr: {}")
    monkeypatch.setattr(command, "list_moods", lambda: presets.list_moods(tmp_path))
    monkeypatch.setattr(command, "load_mood", lambda name: presets.load_mood(name, tmp_path))
    with pytest.raises(SystemExit) as exit_:
        main(["moods"])
    assert exit_.value.code == 1
    said = capsys.readouterr().out
    assert "Good" in said
    assert "layr" in said

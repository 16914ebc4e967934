"""The folder a record goes to: refused with a reason, or whole."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from engine.errors import RecordError
from engine.record import output_folder
from engine.record.output_folder import OutputFolder


class _Usage(NamedTuple):
    free: int


def test_a_folder_is_whole_when_it_appears(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path / "a" / "ep", 10)
    (folder.work / "recipe.json").write_text("{}")
    assert not (tmp_path / "a" / "ep").exists()
    folder.finish()
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["ep"]


def test_what_is_there_is_replaced_only_if_asked_and_only_if_it_is_a_record(tmp_path: Path) -> None:
    out = tmp_path / "ep"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(RecordError, match="--force"):
        OutputFolder(out, 10)
    with pytest.raises(RecordError, match="no record"):
        OutputFolder(out, 10, force=True)
    (out / "recipe.json").write_text("{}")
    folder = OutputFolder(out, 10, force=True)
    assert (out / "thesis.txt").exists()
    (folder.work / "recipe.json").write_text("new")
    folder.finish()
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("recipe.json", "new")]


def test_too_little_room_is_said_before_anything_is_rendered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_folder.shutil, "disk_usage", lambda _: _Usage(1_000_000_000))
    with pytest.raises(RecordError, match=r"needs about 5\.0 GB, but only 1\.0 GB is free"):
        OutputFolder(tmp_path / "ep", 5_000_000_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["/proc/nowhere/ep", "/dev/null/ep"])
def test_a_folder_that_cannot_be_written_is_refused(place: str) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        OutputFolder(Path(place), 0)


def test_what_a_killed_rendering_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / ".ep.rendering-4194304999"
    left.mkdir()
    OutputFolder(tmp_path / "ep", 10).abandon()
    assert list(tmp_path.iterdir()) == []

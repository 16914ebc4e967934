"""What `run` says before it plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.run import warn_of_unplayed


def test_files_that_will_not_be_heard_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    for name in ("rain.wav", "night [1].m4a", "set.stem.mp4", "old.sd2"):
        (tmp_path / name).write_bytes(b"x")
    warn_of_unplayed(tmp_path)
    said = [record.getMessage() for record in caplog.records]
    assert [Path(line.split(": ")[0]).name for line in said] == ["night [1].m4a", "old.sd2", "set.stem.mp4"]
    assert all("install the program ffmpeg" in line for line in (said[0], said[2]))
    assert "expected .wav" in said[1]
    warn_of_unplayed(tmp_path / "no such folder")
    assert len(caplog.records) == 3

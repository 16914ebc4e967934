"""What lies in a folder of sounds is played or named."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.files.audio.names import is_playable, strangers_in


def test_every_file_that_is_not_played_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    for name in ("a.wav", "B.AIFC", "c.caf", "d.w64", "a.json", "notes.txt", ".hidden", "e.m4a", "f.sd2", "g"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    found = {path.name: why for path, why in strangers_in(tmp_path)}
    assert list(found) == ["e.m4a", "f.sd2", "folder", "g", "gone.wav"]
    assert found["e.m4a"].startswith("is played where ffmpeg is; install the program ffmpeg")
    assert "a folder" in found["folder"]
    assert "leads nowhere" in found["gone.wav"]
    assert ".aifc, .caf, .w64" in found["f.sd2"]
    assert list(strangers_in(tmp_path / "none")) == []


FOREIGN = ("a.m4a", "B.M4A", "c.stem.mp4", "d.aac", "e.wma", "f.webm", "g.opus.mp4", "h.mka", "i.3gp", "j.mov", "k.wv")


def test_foreign_formats_are_played_where_ffmpeg_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN:
        (tmp_path / name).write_bytes(b"x")
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    assert [path.name for path, _ in strangers_in(tmp_path) if path != programs] == sorted(FOREIGN)
    assert not any(is_playable(tmp_path / name) for name in FOREIGN)
    (programs / "ffmpeg").write_text("#!/bin/sh\n")
    (programs / "ffmpeg").chmod(0o755)
    assert [path for path, _ in strangers_in(tmp_path)] == [programs]
    assert all(is_playable(tmp_path / name) for name in FOREIGN)

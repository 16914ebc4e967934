"""What lies in a folder of sounds is played or named."""

from __future__ import annotations

from pathlib import Path

from engine.files.audio.names import strangers_in


def test_every_file_that_is_not_played_is_named(tmp_path: Path) -> None:
    for name in ("a.wav", "B.AIFC", "c.caf", "d.w64", "a.json", "notes.txt", ".hidden", "e.m4a", "f.sd2", "g"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere")
    found = {path.name: why for path, why in strangers_in(tmp_path)}
    assert list(found) == ["e.m4a", "f.sd2", "folder", "g", "gone.wav"]
    assert "`textures import` brings it in, with the program ffmpeg" in found["e.m4a"]
    assert "a folder" in found["folder"]
    assert "leads nowhere" in found["gone.wav"]
    assert ".aifc, .caf, .w64" in found["f.sd2"]
    assert list(strangers_in(tmp_path / "none")) == []

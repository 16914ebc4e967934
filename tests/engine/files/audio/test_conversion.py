"""ffmpeg where it is missing, fails, or hangs; where it works is tested with files, in `test_audio_file.py`."""

from pathlib import Path

import pytest

from engine.errors import TextureError
from engine.files.audio import conversion
from engine.files.audio.conversion import convert, has_ffmpeg


def program(folder: Path, text: str) -> None:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_one_that_is_missing_or_fails_or_hangs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    file, out = tmp_path / "a.m4a", tmp_path / "out.w64"
    program(tmp_path, "echo no such codec >&2; exit 1")
    assert has_ffmpeg()
    with pytest.raises(TextureError, match=r"a\.m4a: ffmpeg cannot read it \(no such codec\); export it as WAV"):
        convert(file, out)
    program(tmp_path, "exec sleep 5")
    monkeypatch.setattr(conversion, "LONGEST_CONVERSION_S", 0.2)
    with pytest.raises(TextureError, match=r"a\.m4a: ffmpeg takes longer"):
        convert(file, out)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with pytest.raises(TextureError, match=r"a\.m4a: cannot be read without ffmpeg"):
        convert(file, out)

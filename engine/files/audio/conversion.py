"""What libsndfile does not read, read by the program ffmpeg where there is one (https://ffmpeg.org)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from engine.errors import TextureError

LONGEST_CONVERSION_S: Final = 1800.0
INSTALL: Final = "install the program ffmpeg (on Debian: apt install ffmpeg)"


def has_ffmpeg() -> bool:
    return shutil.which("ffmpeg") is not None


def convert(path: Path, out: Path, track: int = 0) -> None:
    """One audio track of a file as float WAV of any length (Wave 64). Raises `TextureError` naming the file."""
    if not has_ffmpeg():
        raise TextureError(f"{path}: cannot be read without ffmpeg; {INSTALL}, or give a WAV or FLAC")
    # `file:` and the list of protocols keep names and playlists from leading anywhere else.
    source = ["-protocol_whitelist", "file", "-i", f"file:{path}", "-map", f"0:a:{track}"]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *source, "-c:a", "pcm_f32le", "-f", "w64", str(out)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_CONVERSION_S)
    except subprocess.TimeoutExpired:
        raise TextureError(f"{path}: ffmpeg takes longer than {LONGEST_CONVERSION_S / 60:.0f} minutes") from None
    if done.returncode or not out.is_file():
        why = " ".join(done.stderr.split())[-200:]
        raise TextureError(f"{path}: ffmpeg cannot read it ({why}); export it as WAV or FLAC")

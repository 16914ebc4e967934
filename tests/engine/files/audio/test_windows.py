"""Parts of files, some bytes replaced."""

import os
from pathlib import Path

from engine.files.audio.streams import parts_of
from engine.files.audio.windows import Window, WindowFile


def test_a_window_reads_and_seeks_like_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(bytes(range(100)))
    with WindowFile(path, Window(10, 30, {5: b"abc"})) as file:
        assert file.read() == bytes(range(10, 15)) + b"abc" + bytes(range(18, 30))
        assert file.seek(-3, os.SEEK_END) == 17
        assert file.read(10) == bytes((27, 28, 29))
        file.seek(6)
        assert file.read(1) == b"b"


def test_what_is_no_chain_is_one_window(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data in (b"", b"nothing", b"OggS", b"RIFF"):
        path.write_bytes(data)
        assert [(part.start, part.end) for part in parts_of(path)] == [(0, len(data))]

"""A file is another when it was written, or when another of the same length and time lies in its place."""

from __future__ import annotations

import os
from pathlib import Path

from engine.files.stamps import stamp_of


def test_a_stamp_changes_with_the_file(tmp_path: Path) -> None:
    path, other = tmp_path / "midi.yaml", tmp_path / "other.yaml"
    assert stamp_of(path) is None
    for one in (path, other):
        one.write_text("1")
        os.utime(one, ns=(0, 0))
    before = stamp_of(path)
    assert before == stamp_of(path)
    other.replace(path)
    assert stamp_of(path) not in (before, None)

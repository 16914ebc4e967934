"""A file is there whole at every moment, whatever goes wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from engine.files import atomic
from engine.files.atomic import replace_durably, write_whole


def test_what_was_there_is_kept_beside_it(tmp_path: Path) -> None:
    path, previous = tmp_path / "mood.yaml", tmp_path / ".previous" / "mood.yaml"
    replace_durably(path, b"one", previous)
    assert not previous.exists(), "there was none before"
    replace_durably(path, b"two", previous)
    assert (path.read_bytes(), previous.read_bytes()) == (b"two", b"one")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".previous", "mood.yaml"]


def test_contents_reach_the_disk_before_the_name_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(atomic.os, "fsync", lambda number: (done.append("fsync"), fsync(number)))
    monkeypatch.setattr(atomic.os, "replace", lambda *paths: (done.append("replace"), replace(*paths)))
    replace_durably(tmp_path / "a", b"one")
    assert done == ["fsync", "replace", "fsync"], "contents, name, folder"
    done.clear()
    write_whole(tmp_path / "a", "two")
    assert done == ["replace"], "which waits for no disk"


@pytest.mark.parametrize("write", [lambda path: replace_durably(path, b"two"), lambda path: write_whole(path, "two")])
def test_a_full_disk_leaves_the_old_one_and_nothing_else(
    write: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_text("one")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic.os, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write(path)  # type: ignore[operator]
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]

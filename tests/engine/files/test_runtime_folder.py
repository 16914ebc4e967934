"""One installation per runtime folder; nothing in it grows without end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import copy
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from engine.errors import AmeublementError
from engine.files import runtime_folder
from engine.files.runtime_folder import MOST_LOG_BYTES, RuntimeFolder, lies_in_memory, slow_place


def test_a_second_installation_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    first, second = RuntimeFolder(tmp_path / "r"), RuntimeFolder(tmp_path / "r")
    first.claim()
    with pytest.raises(AmeublementError, match="already playing"):
        second.claim()
    first.release()
    second.claim()
    second.release()


def test_a_folder_made_anew_is_held_by_the_next_supervisor_too(tmp_path: Path) -> None:
    """The keeper claims it; supervisors have copies of what the keeper has."""
    keeper = RuntimeFolder(tmp_path / "r")
    keeper.claim()
    supervisor = copy(keeper)
    shutil.rmtree(keeper.path)
    assert supervisor.mend()
    with pytest.raises(AmeublementError, match="already playing"):
        RuntimeFolder(keeper.path).claim()
    assert supervisor._lock is not None
    supervisor._lock.close()  # it dies
    following = copy(keeper)
    assert not following.mend()
    with pytest.raises(AmeublementError, match="already playing"):
        RuntimeFolder(keeper.path).claim()
    following.release()


def test_reels_and_state_of_an_earlier_run_are_removed_but_the_hold_loop_stays(tmp_path: Path) -> None:
    folder = RuntimeFolder(tmp_path)
    folder.claim()
    for path in (folder.reels / "a.wav", folder.hold / "hold.wav", folder.phrases / "p.json", folder.state_file):
        path.write_bytes(b"x")
    folder.release()
    folder.claim()
    assert not list(folder.reels.iterdir())
    assert not folder.state_file.exists()
    assert (folder.hold / "hold.wav").exists()
    assert not list(folder.phrases.iterdir())
    folder.release()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AmeublementError, match="runtime folder"):
        RuntimeFolder(tmp_path / "file" / "r").claim()


def test_logs_are_kept_short_while_their_writers_go_on(tmp_path: Path) -> None:
    folder = RuntimeFolder(tmp_path)
    folder.claim()
    with folder.log("room").open("ab") as log:
        log.write(b"x" * (MOST_LOG_BYTES + 1))
        log.flush()
        folder.trim_logs()
        log.write(b"one\n\ntwo\nthree\nfour\n")
    assert folder.log("room").stat().st_size < 100
    folder.release()


Mounts = Callable[..., None]


@pytest.fixture
def mounts(monkeypatch: pytest.MonkeyPatch) -> Mounts:
    """Says what is mounted: pairs of place and file system, in the order of mounting."""

    def say(*pairs: tuple[str, str]) -> None:
        found = [SimpleNamespace(mountpoint=place, fstype=kind) for place, kind in pairs]
        monkeypatch.setattr(psutil, "disk_partitions", lambda **_kinds: found)
        monkeypatch.setattr(runtime_folder, "default_path", lambda: Path("/memory/ameublement-1"))

    return say


def test_the_nearest_and_last_mount_says_whether_a_folder_is_in_memory(mounts: Mounts) -> None:
    mounts(("/", "tmpfs"), ("/", "ext4"), ("/memory", "tmpfs"), ("/memory/card", "vfat"))
    assert lies_in_memory(Path("/memory/second"))
    assert not lies_in_memory(Path("/memory/card/second"))
    assert not lies_in_memory(Path("/memory-not/second"))


def test_a_runtime_folder_on_a_disk_is_warned_of_only_where_memory_is_at_hand(mounts: Mounts) -> None:
    mounts(("/", "ext4"), ("/memory", "tmpfs"))
    assert "--runtime /memory/second" in slow_place(Path("/home/anna/second"))
    assert not slow_place(Path("/memory/second"))
    mounts(("/", "apfs"))
    assert not slow_place(Path("/home/anna/second"))


def test_a_system_that_does_not_tell_what_is_mounted_warns_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(**_kinds: object) -> None:
        raise PermissionError("/proc/self/mounts")

    monkeypatch.setattr(psutil, "disk_partitions", refuses)
    assert not slow_place(Path("/home/anna/second"))

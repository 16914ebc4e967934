"""The folder that the processes of one installation share while it runs: in memory, private, bounded, locked."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import psutil

from engine.errors import AmeublementError

IN_MEMORY: Final = ("tmpfs", "ramfs", "devtmpfs")
NEEDED_BYTES: Final = 100_000_000
"""A dozen reels, phrases, the hold loop and the logs take about half of this."""
MOST_LOG_BYTES: Final = 500_000
SILENT_SOUNDFONTS: Final = "silent_soundfonts"
"""Name of a file that lists those whose notes were not heard in this run."""


def default_path() -> Path:
    """The first RAM-backed place with room enough, else the temporary folder."""
    name = f"ameublement-{os.getuid()}"
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    for parent in (Path("/dev/shm"), Path(session) if session else None):  # noqa: S108
        if parent and os.access(parent, os.W_OK) and shutil.disk_usage(parent).free > NEEDED_BYTES:
            return parent / name
    return Path(tempfile.gettempdir()) / name


def lies_in_memory(path: Path) -> bool:
    """Whether the file system that holds `path` is in memory; taken for so where the system does not tell.

    `path` need not be there.
    """
    place = path.resolve()
    try:
        mounts = psutil.disk_partitions(all=True)
    except (OSError, psutil.Error):
        return True
    around = [mount for mount in mounts if place.is_relative_to(mount.mountpoint)]
    # of two that are mounted at one place the later one is seen
    nearest = max(enumerate(around), key=lambda item: (len(item[1].mountpoint), item[0]), default=None)
    return nearest is not None and nearest[1].fstype in IN_MEMORY


def slow_place(path: Path) -> str:
    """What to say of a runtime folder on a disk where memory is at hand, else nothing. A busy disk makes reels late."""
    better = default_path().parent
    if lies_in_memory(path) or not lies_in_memory(better):
        return ""
    return (
        f"{path} lies on a disk: while others write to it, reels may come late; give a folder in memory, "
        f"such as --runtime {better / (path.name or 'ameublement')}"
    )


class RuntimeFolder:
    """Claimed by one supervisor at a time; `release` gives it back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reels = path / "reels"
        self.phrases = path / "phrases"
        self.hold = path / "hold"
        self.heard = path / "heard"
        self.zones = path / "zones"
        self.logs = path / "logs"
        self.hold_file = self.hold / "hold.wav"
        self.state_file = path / "state.json"
        self.hub_file = path / "hub.json"
        self.session_file = path / "session.jsonl"
        self.status_file = path / "status.json"
        self._folders = (self.reels, self.phrases, self.hold, self.heard, self.zones, self.logs)
        self._lock: IO[str] | None = None

    def claim(self) -> None:
        """Make the folder, take its lock, remove what an earlier run left. Raises AmeublementError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.path.stat().st_uid != os.getuid():
                raise AmeublementError(f"{self.path} belongs to another user; give a folder of your own with --runtime")
            self._lock = (self.path / "lock").open("a+")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AmeublementError(
                f"an installation is already playing (it holds {self.path}/lock); stop it first, "
                "or run a second one beside it with both --runtime FOLDER and --port NUMBER"
            ) from None
        except OSError as error:
            raise AmeublementError(f"{self.path} cannot be used as runtime folder: {error.strerror}") from None
        # phrases may be by weights that are no longer these
        for folder in (self.reels, self.phrases, self.heard, self.zones):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self.state_file, self.hub_file, self.session_file, self.path / SILENT_SOUNDFONTS):
            file.unlink(missing_ok=True)
        for folder in self._folders:
            folder.mkdir(exist_ok=True)

    def mend(self) -> bool:
        """Makes again what was removed while the installation plays; returns whether something was. Raises OSError."""
        missing = [folder for folder in self._folders if not folder.is_dir()]
        for folder in missing:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._holds_lock():
            self._lock = (self.path / "lock").open("a+")
            with suppress(BlockingIOError):  # somebody else was quicker, and holds what is theirs now
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return bool(missing)

    def _holds_lock(self) -> bool:
        """Whether the lock that is held is the file that lies there, and not one that was removed."""
        with suppress(OSError):
            return self._lock is not None and os.path.samestat(
                os.fstat(self._lock.fileno()), (self.path / "lock").stat()
            )
        return False

    def release(self) -> None:
        """Remove what only made sense while it ran; logs and hold loop stay for next time."""
        if self._lock:
            for folder in (self.reels, self.heard):
                shutil.rmtree(folder, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def trim_logs(self) -> None:
        """Empty logs that grew too long; their writers append, so they simply go on."""
        for path in self.logs.glob("*.log"):
            if path.stat().st_size > MOST_LOG_BYTES:
                os.truncate(path, 0)

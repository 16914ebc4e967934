"""The folder in which an installation keeps what outlives a run: on a disk, its own, one installation at a time."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO, Final

from engine.errors import AmeublementError
from engine.files.paths import WEIGHTS_FOLDER

STATE_VARIABLE: Final = "AMEUBLEMENT_STATE"
DEFAULT_PORT: Final = 9100
"""The UDP port of the first installation on a machine; one beside it has another."""


def default_state_folder(port: int) -> Path:
    """Where the installation on this port keeps things, unless told otherwise.

    systemd names its folder in STATE_DIRECTORY; else it is XDG's (freedesktop.org, base directory specification 0.8).
    An installation beside the first, on another port, has a folder of its own.
    """
    name = "ameublement" if port == DEFAULT_PORT else f"ameublement-{port}"
    given = os.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given) if port == DEFAULT_PORT else Path(given) / name
    return base_folder("XDG_STATE_HOME", ".local/state") / name


def base_folder(variable: str, below_home: str) -> Path:
    """A folder of this user that may be written: what `variable` names, else below the home folder, else temporary.

    A user may have no home at all: one without an entry in passwd, or one whose HOME is the root of the disk.
    """
    given = os.environ.get(variable, "")
    if given.startswith("/"):
        return Path(given)
    try:
        folder = Path.home() / below_home
    except RuntimeError:  # neither HOME nor an entry in passwd
        return _temporary()
    return folder if _may_be_made(folder) else _temporary()


def _may_be_made(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def _temporary() -> Path:
    return Path(tempfile.gettempdir()) / f"ameublement-{os.getuid()}"


def user_folder(kind: str) -> Path:
    """Where this user's own `moods`, `textures` or `weights` lie: in the state folder, before those that came along.

    `run` names its state folder in AMEUBLEMENT_STATE for the processes that it starts.
    """
    given = os.environ.get(STATE_VARIABLE, "")
    return (Path(given) if given else default_state_folder(DEFAULT_PORT)) / kind


def weights_folders() -> tuple[Path, ...]:
    """Where networks are looked for: those of this user go before those that came along."""
    return (user_folder("weights"), WEIGHTS_FOLDER)


class StateFolder:
    """`claim` before writing, `release` at the end. Reading needs neither."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal"
        self._lock: IO[str] | None = None

    def claim(self) -> str:
        """Make the folder and take its lock; why that could not be done, empty when it was.

        A folder that cannot be written is no reason not to play. Raises AmeublementError where another installation
        has it: two must not write into each other's journal.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = (self.path / "lock").open("a+")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AmeublementError(
                f"another installation keeps its journal in {self.path}; give this one a folder of its own with --state"
            ) from None
        except OSError as error:
            return f"{self.path} cannot be written ({error.strerror}): the music plays, but nothing of it is kept"
        return ""

    def release(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

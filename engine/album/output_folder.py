"""The folder a record goes to: checked before anything is rendered, whole when it appears, left alone otherwise."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.errors import RecordError
from engine.signals import unstoppable

RECIPE_FILE: Final = "recipe.json"
"""Marks a folder as a record; only such a one may be replaced."""
_WORKING: Final = ".rendering-"


class OutputFolder:
    """Files are written to `work`, a hidden folder beside `path`; `finish` gives it its name, `abandon` removes it."""

    def __init__(self, path: Path, needed_bytes: int, force: bool = False) -> None:
        """Raises `RecordError` when it could not be written, is in use, or has too little room."""
        self.path = path.absolute()
        self._force = force
        self._check_free()
        parent = _existing(self.path.parent)
        if not os.access(parent, os.W_OK | os.X_OK):
            raise RecordError(f"{self.path}: cannot be written, since {parent} is not yours; choose another")
        free = shutil.disk_usage(parent).free
        if free < needed_bytes:
            raise RecordError(
                f"{self.path}: needs about {_gigabytes(needed_bytes)}, but only {_gigabytes(free)} is free; "
                "make room, or choose a folder on another disk"
            )
        self.work = self.path.with_name(f".{self.path.name}{_WORKING}{os.getpid()}")
        try:
            self._remove_abandoned()
            self.work.mkdir(parents=True)
        except OSError as error:
            raise RecordError(f"{self.path}: cannot be written: {error.strerror}") from None

    def finish(self) -> None:
        """Give the finished folder its name; what it replaces is removed only then."""
        old = self.path.with_name(f".{self.path.name}.old-{os.getpid()}")
        with suppress(KeyboardInterrupt), unstoppable():  # nothing is left that could be stopped
            if self.path.exists():
                os.replace(self.path, old)
            os.replace(self.work, self.path)
            shutil.rmtree(old, ignore_errors=True)

    def abandon(self) -> None:
        """Remove what was rendered so far; nothing if it has its name already."""
        with suppress(KeyboardInterrupt), unstoppable():  # whoever is impatient is being served
            shutil.rmtree(self.work, ignore_errors=True)

    def _check_free(self) -> None:
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise RecordError(f"{self.path}: is a file; choose a folder")
        if not any(self.path.iterdir()):
            return
        if not self._force:
            raise RecordError(f"{self.path}: is there already; choose another folder, or replace it with --force")
        if not (self.path / RECIPE_FILE).is_file():
            raise RecordError(
                f"{self.path}: holds something that is no record (no {RECIPE_FILE} in it), which --force will not "
                "replace; choose another folder"
            )

    def _remove_abandoned(self) -> None:
        """What a rendering left that was killed without a chance to clean up."""
        for folder in self.path.parent.glob(f".{self.path.name}{_WORKING}*"):
            number = folder.name.rpartition("-")[2]
            if number.isdecimal() and not _runs(int(number)):
                shutil.rmtree(folder, ignore_errors=True)


def _existing(folder: Path) -> Path:
    return folder if folder.is_dir() or folder == folder.parent else _existing(folder.parent)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"

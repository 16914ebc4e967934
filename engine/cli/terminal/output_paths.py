"""Options that name what will be written: looked at before anything begins, not when hours of work are done."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from engine.errors import AmeublementError


def file_to_write(context: typer.Context, option: typer.CallbackParam, path: Path | None) -> Path | None:
    """For `callback` of an option; whatever the rest of the command line says, nothing is left of this."""
    if path is not None and not context.resilient_parsing:
        try:
            with _made_for_now(path.parent):
                was_there = path.exists()
                path.open("ab").close()
                if not was_there:
                    path.unlink()
        except OSError as problem:
            raise AmeublementError(_refusal(option, path, problem)) from None
    return path


def folder_to_write(context: typer.Context, option: typer.CallbackParam, path: Path | None) -> Path | None:
    """For `callback` of an option; whatever the rest of the command line says, nothing is left of this."""
    if path is not None and not context.resilient_parsing:
        try:
            with _made_for_now(path):
                if not os.access(path, os.W_OK | os.X_OK):
                    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        except OSError as problem:
            raise AmeublementError(_refusal(option, path, problem)) from None
    return path


def ready(path: Path) -> Path:
    """The same, in a folder that is there from now on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _made_for_now(folder: Path) -> Iterator[None]:
    """A folder, with those above it that were not there."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        for one in missing:
            with suppress(OSError):
                one.rmdir()


def _refusal(option: typer.CallbackParam, path: Path, problem: OSError) -> str:
    return f"{option.opts[0]} {path}: cannot be written: {problem.strerror}; choose another place"

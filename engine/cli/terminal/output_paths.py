"""Options that name what will be written: looked at before anything begins, not when hours of work are done."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import typer

from engine.errors import AmeublementError


def file_to_write(context: typer.Context, option: typer.CallbackParam, path: Path | None) -> Path | None:
    """For `callback` of an option. Folders on the way are made, the file is not; what it holds already stays."""
    if path is None or context.resilient_parsing:
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        was_there = path.exists()
        path.open("ab").close()
        if not was_there:
            path.unlink()
    except OSError as problem:
        raise AmeublementError(_refusal(option, path, problem)) from None
    return path


def folder_to_write(context: typer.Context, option: typer.CallbackParam, path: Path | None) -> Path | None:
    """For `callback` of an option. The folder is made."""
    if path is None or context.resilient_parsing:
        return path
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as problem:
        raise AmeublementError(_refusal(option, path, problem)) from None
    return path


def _refusal(option: typer.CallbackParam, path: Path, problem: OSError) -> str:
    return f"{option.opts[0]} {path}: cannot be written: {problem.strerror}; choose another place"

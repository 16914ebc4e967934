"""Which version of Ameublement this is: as pyproject.toml says in a clone, or the installed package."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from engine.files.paths import IS_CLONE, PROJECT_FILE


def read_version(path: Path = PROJECT_FILE) -> str:
    """The version in a pyproject.toml, or "unknown"."""
    try:
        return str(tomllib.loads(path.read_text("utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


def installed_version() -> str:
    """The version of the installed package, or "unknown"."""
    try:
        return version("ameublement")
    except PackageNotFoundError:
        return "unknown"


VERSION: Final = read_version() if IS_CLONE else installed_version()

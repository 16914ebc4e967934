"""Which version of Ameublement this is: as pyproject.toml says, which is read where the package is not installed."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from engine.files.paths import PROJECT_FILE


def read_version(path: Path = PROJECT_FILE) -> str:
    """The version in a pyproject.toml, or "unknown"."""
    try:
        return str(tomllib.loads(path.read_text("utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"


VERSION: Final = read_version()

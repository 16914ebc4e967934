"""Where the project's own files lie: presets, patches, weights. Nothing else counts parent folders."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The folder that holds `engine`, `models`, `presets` and `pd_patches`."""

PRESETS: Final = ROOT / "presets"
MOODS_FOLDER: Final = PRESETS / "moods"
ROOMS_FOLDER: Final = PRESETS / "rooms"
DAYS_FOLDER: Final = PRESETS / "days"
SENSORS_FOLDER: Final = PRESETS / "sensors"
TEXTURES_FOLDER: Final = PRESETS / "textures"
PATCHES_FOLDER: Final = ROOT / "pd_patches"
WEIGHTS_FOLDER: Final = ROOT / "models" / "weights"
PROJECT_FILE: Final = ROOT / "pyproject.toml"

"""Where the project's own files lie: presets, patches, weights. Nothing else counts parent folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The folder that holds `engine`, `models`, `presets` and `pd_patches`: a clone, or where pip puts packages."""

ENTRY: Final = ROOT / "run_installation.py"
IS_CLONE: Final = ENTRY.is_file()
COMMAND_LINE: Final = (sys.executable, *((str(ENTRY),) if IS_CLONE else ("-m", "engine.cli")))
"""How another process of this program is started; the words of a command follow."""

PRESETS: Final = ROOT / "presets"
MOODS_FOLDER: Final = PRESETS / "moods"
ROOMS_FOLDER: Final = PRESETS / "rooms"
DAYS_FOLDER: Final = PRESETS / "days"
SENSORS_FOLDER: Final = PRESETS / "sensors"
TEXTURES_FOLDER: Final = PRESETS / "textures"
INSTRUMENTS_FOLDER: Final = PRESETS / "instruments"
"""Each recorded instrument is NAME.yaml; the folders beside them hold recordings of single notes."""
EFFECTS_FOLDER: Final = ROOT / "engine" / "sound" / "layers" / "effects"
"""Each effect is NAME.py, in pyo, and beside it NAME.yaml, its parameters."""
PATCHES_FOLDER: Final = ROOT / "pd_patches"
STEMS_FILE: Final = PATCHES_FOLDER / "lib" / "stems.txt"
"""Engine and Pd read it."""
WEIGHTS_FOLDER: Final = ROOT / "models" / "weights"
PROJECT_FILE: Final = ROOT / "pyproject.toml"

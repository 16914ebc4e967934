"""Eras: a performer as it was early in its training, kept because that has a sound of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from models.common.weights import FILE_NAME

ERAS: Final = {"early": 0.15, "middle": 0.45}
"""Shares of the working time after which they are kept; the late one is what comes of it all, the performer itself."""


class Eras:
    """Copies weights to FOLDER/ERA.safetensors when their time has come; a mood plays them as NAME/ERA."""

    def __init__(self, folder: Path, whole_s: float) -> None:
        self._folder, self._whole_s = folder, whole_s

    def look(self, worked_s: float, save: Callable[[], None]) -> None:
        """To be called often, with the working time so far; `save` brings the weights in the folder up to date."""
        for era, share in ERAS.items():
            kept = self._folder / f"{era}.safetensors"
            if worked_s >= share * self._whole_s and not kept.exists():
                save()
                partial = kept.with_suffix(".partial")
                shutil.copyfile(self._folder / FILE_NAME, partial)
                os.replace(partial, kept)

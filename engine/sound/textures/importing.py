"""Bringing an audio file into the texture folder, under a name that nothing else has."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.sound.textures.analysis import checked
from engine.sound.textures.library import Recipe, write_texture
from models.textures.audio.audio_input import read_frames, resampled

HIGHEST_RATE_HZ: Final = 48_000
_STEP: Final = 2.0**-14
"""Two steps of 16 bits: sounds no further apart are one."""


def import_texture(file: Path, folder: Path, recipe: Recipe) -> Path:
    """Writes `file` as FLAC below `folder`, in stereo or mono at up to 48 kHz; the name begins with the style.

    Another sound under the same name keeps it, and this one gets a number; the same sound is written again.
    Raises `TextureError`.
    """
    sound, rate_hz = read_frames(file)
    sound = checked(sound, rate_hz, str(file))
    if float(np.ptp(sound, axis=0).max()) < _STEP:  # a constant is as silent as nothing
        raise TextureError(f"{file}: is silent; give a file with sound")
    if rate_hz > HIGHEST_RATE_HZ:
        sound, rate_hz = resampled(sound, rate_hz, HIGHEST_RATE_HZ), HIGHEST_RATE_HZ
    sound = sound / max(1.0, float(np.abs(sound).max()))
    path = _own_path(folder, f"{recipe.style}-{file.stem}", sound)
    write_texture(path, sound, rate_hz, replace(recipe, source=file.name))
    return path


def _own_path(folder: Path, stem: str, sound: NDArray[np.float32]) -> Path:
    def is_free(path: Path) -> bool:
        taken = {other for other in folder.glob("*") if other.stem == path.stem and other.suffix != ".json"}
        return not taken or (taken == {path} and _holds(path, sound))

    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    return next(path for path in (folder / f"{name}.flac" for name in names) if is_free(path))


def _holds(path: Path, sound: NDArray[np.float32]) -> bool:
    try:
        there, _ = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError):
        return False
    return there.shape == sound.shape and bool(np.abs(there - sound).max() < _STEP)

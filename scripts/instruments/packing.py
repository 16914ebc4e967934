"""Notes as they are shipped: Ogg Vorbis files and `recordings.json`, evened in loudness."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from scripts.instruments.measuring import even_levels_db

LEVEL_DB: Final = -20.0
"""Of full scale, on average over the keys: all layers are as loud, velocity is applied by who plays them."""
PEAK_DB: Final = -0.5
FINE: Final = 0.65
"""Of libsndfile's Vorbis, 0 best to 1 smallest."""
SMALL: Final = 0.9
"""For what is dense and soft: a choir."""
_PIECE_FRAMES: Final = 1 << 14


@dataclass(frozen=True)
class Recording:
    """One entry of `recordings.json`; see `engine.sound.voices.recordings.Recording`."""

    file: str
    pitch: int
    layer: int
    start_frame: int
    frames: int
    gain_db: float
    cents: float = 0.0
    falls_db_per_s: float = 0.0


def encoded(sound: NDArray[np.floating[Any]], rate_hz: int, smallness: float = FINE) -> bytes:
    """[frames, channels] as Ogg Vorbis."""
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", rate_hz, sound.shape[1], format="OGG", subtype="VORBIS", compression_level=smallness
    ) as file:
        for place in range(0, len(sound), _PIECE_FRAMES):  # libsndfile gives Vorbis long pieces on its stack
            file.write(sound[place : place + _PIECE_FRAMES])
    return out.getvalue()


def write(
    target: Path, notes: Iterable[Recording], noises: Iterable[Recording] = (), level_db: float = LEVEL_DB
) -> None:
    """The list of a folder. Gains so far make all equally loud; here neighbours become even, and peaks fit."""
    even, even_noises = _evened(list(notes), target, level_db), _evened(list(noises), target, level_db, each_layer=True)
    text = f'{{"notes": [\n{_lines(even)}\n],\n"releases": [\n{_lines(even_noises)}\n]}}\n'
    (target / "recordings.json").write_text(text, "utf-8")


def _lines(recordings: list[Recording]) -> str:
    return ",\n".join("  " + json.dumps(asdict(one)) for one in recordings)


def _evened(recordings: list[Recording], target: Path, level_db: float, each_layer: bool = False) -> list[Recording]:
    """With gains that make layers as loud as each other and neighbouring keys even, as loud as peaks allow."""
    if not recordings:
        return []
    pitches = np.array([one.pitch for one in recordings], dtype=np.float64)
    levels = np.array([-one.gain_db for one in recordings])
    layers = np.array([one.layer for one in recordings])
    for layer in set(layers.tolist()):
        levels[layers == layer] -= levels[layers == layer].mean()
    smooth = levels if each_layer or len(recordings) < 4 else even_levels_db(pitches, levels)
    gains = level_db + smooth + np.array([one.gain_db for one in recordings])
    peaks = [_peak_db(target / one.file) for one in recordings]
    gains += min(0.0, PEAK_DB - max(gain + peak for gain, peak in zip(gains, peaks, strict=True)))
    changed = [replace(one, gain_db=round(float(gain), 2)) for one, gain in zip(recordings, gains, strict=True)]
    return sorted(changed, key=lambda one: (one.layer, one.pitch))


def _peak_db(path: Path) -> float:
    sound, _ = soundfile.read(path, dtype="float32")
    return float(20 * np.log10(np.abs(sound).max() + 1e-9))

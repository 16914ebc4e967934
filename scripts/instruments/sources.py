"""Single notes as their makers publish them: packages of npm, folders of files, a SoundFont."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from models.textures.corpus.instruments import recorded_pitch
from scripts.instruments.soundfont_samples import Sample, SoundFontSamples

GRAND_LAYERS: Final = (1, 2, 4, 7, 10)
"""Of the sixteen: their timbres lie about evenly apart for what the room plays."""
KEYBOARD_LAYERS: Final = (("pp", "p"), ("mp",), ("f",), ("ff",))
"""Dynamics as file names have them."""
_LETTERS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True)
class Source:
    """A note as its maker published it."""

    pitch: int
    layer: int
    data: bytes

    def sound(self) -> tuple[NDArray[np.float32], int]:
        """[frames, channels] and frames per second."""
        sound, rate_hz = soundfile.read(io.BytesIO(self.data), dtype="float32", always_2d=True)
        return sound, rate_hz


def grand(folder: Path) -> Iterable[Source]:
    """The Salamander's packages."""
    for number, layer in enumerate(GRAND_LAYERS):
        for name, data in _packed(next(folder.glob(f"*piano-velocity{layer}-*.tgz")), ".ogg"):
            letter, sharp, octave = re.fullmatch(r"([A-G])(#?)(\d)v\d+", name).groups()  # type: ignore[union-attr]
            yield Source(_pitch(letter, sharp, octave), number, data)


def releases(folder: Path) -> Iterable[Source]:
    """One for each of its 88 keys, from the lowest."""
    for name, data in _packed(next(folder.glob("*piano-release-*.tgz")), ".ogg"):
        yield Source(20 + int(name.removeprefix("rel")), 0, data)


def tonejs(package: Path, pitches: Container[int]) -> Iterable[Source]:
    """The notes of a package `tonejs-instrument-…-mp3` at the given MIDI pitches."""
    for name, data in _packed(package, ".mp3"):
        if (note := re.fullmatch(r"([A-G])(s?)(\d)", name)) and _pitch(*note.groups()) in pitches:
            yield Source(_pitch(*note.groups()), 0, data)


def keyboard(folder: Path) -> Iterable[Source]:
    """A folder of FLAC files whose names hold pitch and dynamic."""
    for path in sorted(folder.rglob("*.flac")):
        pitch = recorded_pitch(path.stem)
        dynamic = (re.search(r"(pp|p|mp|ff|f)$", path.stem.lower()) or [""])[0]
        layer = next((number for number, names in enumerate(KEYBOARD_LAYERS) if dynamic in names), None)
        if pitch is not None and layer is not None:
            yield Source(pitch, layer, path.read_bytes())


def soundfont(path: Path, name: str) -> Iterable[tuple[int, Sample]]:
    """Pitch and sound, loop included, of the stereo samples of a SoundFont whose names begin with `name`."""
    yield from SoundFontSamples(path).stereo(name)


def _packed(package: Path, ending: str) -> Iterable[tuple[str, bytes]]:
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name.endswith(ending) and (file := archive.extractfile(member)):
                yield Path(member.name).stem, file.read()


def _pitch(letter: str, sharp: str, octave: str) -> int:
    return _LETTERS[letter] + len(sharp) + 12 * (int(octave) + 1)

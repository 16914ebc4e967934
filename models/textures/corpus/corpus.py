"""A corpus for textures: half-minute pieces at 48 kHz in stereo, with a list of what each is, where from, its split.

    FOLDER/corpus.json           the list: one entry per piece, see `Piece`
    FOLDER/pieces/STYLE-HASH.flac

Pieces are trimmed, brought to one loudness (ITU-R BS.1770, by pyloudnorm), and never near-duplicates of each other.
All pieces of one source file (or rendered scene) fall in the same split, so nothing held out was heard in training.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.names import SUFFIXES, is_convertible, is_sound
from engine.files.walking import files_below
from models.textures.audio.audio_input import read_mono, read_stereo, resampled
from models.textures.audio.mu_law import RATE_HZ
from models.textures.corpus.reverberation import RATE_HZ as CORPUS_RATE_HZ

log = logging.getLogger(__name__)

Sound = NDArray[np.float32]
PIECE_S: Final = 32.0
SHORTEST_PIECE_S: Final = 2.0
LOUDNESS_LUFS: Final = -20.0
PEAK: Final = 0.9
SILENCE_DB: Final = -50.0
"""Relative to the loudest tenth of a second: quieter beginnings, ends and long gaps are cut."""
STEMS_SUFFIX: Final = ".stem.mp4"
STEMS: Final = ("mixture", "drums", "bass", "other", "vocals")
"""In the order in which MUSDB18 keeps them as audio tracks."""
SAME_DB: Final = 0.5
"""Pieces whose shapes (see `shape_db`) differ by less on average count as the same."""
HELD_OUT_SHARE: Final = 8
"""One source in so many is held out."""


@dataclass(frozen=True)
class Piece:
    """One entry of `corpus.json`; `split` is train or held_out, `file` relative to the corpus folder."""

    file: str
    style: str
    split: str
    source: str
    length_s: float
    centroid_hz: float


def write_corpus(
    folder: Path,
    sources: Iterable[tuple[str, str, Callable[[], Sound]]],
    passes_over: bool = False,
) -> list[Piece]:
    """Adds (style, name of the source, what gives its sound [frames x 2] at 48 kHz) to a corpus; returns all of it.

    A source already in the list is not asked for again, so an interrupted run goes on where it was. With `passes_over`,
    a source that raises `TextureError` costs a warning only.
    """
    pieces = read_list(folder) if (folder / "corpus.json").is_file() else []
    shapes = [shape_db(read_mono(folder / piece.file, RATE_HZ)) for piece in pieces]
    done = {(piece.style, piece.source) for piece in pieces}
    (folder / "pieces").mkdir(parents=True, exist_ok=True)
    for style, source, give in sources:
        if (style, source) in done:
            continue
        try:
            sound = give()
        except TextureError as error:
            if not passes_over:
                raise
            log.warning("skipped: %s", error)
            continue
        split = split_of(len({piece.source for piece in pieces if piece.style == style}))
        for cut in cut_pieces(sound):
            shape = shape_db(resampled(cut.mean(axis=1), CORPUS_RATE_HZ, RATE_HZ))
            if not any(np.abs(shape - other).mean() < SAME_DB for other in shapes):
                shapes.append(shape)
                pieces.append(write_piece(folder, style, source, split, cut))
        write_list(folder, pieces)
    if not pieces:
        raise TextureError(f"{folder}: no audio of {SHORTEST_PIECE_S:g} s or more was found for this corpus")
    return pieces


def write_piece(folder: Path, style: str, source: str, split: str, sound: Sound) -> Piece:
    file = f"pieces/{style}-{hashlib.sha256(sound.tobytes()).hexdigest()[:16]}.flac"
    soundfile.write(folder / file, sound, CORPUS_RATE_HZ, subtype="PCM_16")
    length_s = round(len(sound) / CORPUS_RATE_HZ, 3)
    centroid = round(centroid_hz(resampled(sound.mean(axis=1), CORPUS_RATE_HZ, RATE_HZ)), 1)
    return Piece(file, style, split, source, length_s, centroid)


def audio_files(folder: Path) -> list[Path]:
    """All audio files in a folder and below, sorted, linked folders too; of others it warns, each by name.

    Raises `TextureError` when there are none.
    """
    if not folder.is_dir():
        raise TextureError(f"{folder}: no such folder; expected a folder of audio files")
    files = []
    for path in files_below(folder, lambda _, why: log.warning("skipped: %s", why)):
        if is_sound(path) or is_convertible(path):
            files.append(path)
        else:
            log.warning("skipped: %s: is no audio file that is known", path)
    if not files:
        raise TextureError(f"{folder}: no audio files here; expected {', '.join(SUFFIXES)} or {STEMS_SUFFIX}")
    return files


def source_name(path: Path, folder: Path) -> str:
    """What a corpus calls a file of a folder: where it lay, and its contents, for many files have the same name."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    return f"{folder.resolve().name}/{path.relative_to(folder)} ({digest})"


def read_source(path: Path, stem: str = "mixture") -> Sound:
    """A file as sound [frames x 2] at 48 kHz; of a `.stem.mp4`, the stem of that name (needs the program ffmpeg)."""
    if not path.name.lower().endswith(STEMS_SUFFIX):
        return read_stereo(path, CORPUS_RATE_HZ)
    if stem not in STEMS:
        raise TextureError(f"no stem {stem!r}: choose one of {', '.join(STEMS)}")
    return read_stereo(path, CORPUS_RATE_HZ, STEMS.index(stem))


def cut_pieces(sound: Sound) -> Iterator[Sound]:
    """Trimmed pieces of `PIECE_S` at `LOUDNESS_LUFS`; a last one shorter than `SHORTEST_PIECE_S` is dropped."""
    sound = trimmed(sound)
    frames = int(PIECE_S * CORPUS_RATE_HZ)
    for start in range(0, len(sound), frames):
        piece = sound[start : start + frames]
        if len(piece) >= SHORTEST_PIECE_S * CORPUS_RATE_HZ and np.abs(piece).max() > 0:
            yield levelled(piece, CORPUS_RATE_HZ)


def trimmed(sound: Sound) -> Sound:
    """Sound without silence at its ends, and with gaps of silence over a second shortened to one second."""
    block = CORPUS_RATE_HZ // 10
    blocks = sound[: len(sound) // block * block].reshape(-1, block, 2)
    if not len(blocks):
        return sound[:0]
    power_db = 10.0 * np.log10(np.mean(blocks.astype(np.float64) ** 2, axis=(1, 2)) + 1e-12)
    loud = power_db > max(power_db.max() + SILENCE_DB, -90.0)
    keep, quiet = np.zeros(len(loud), bool), 10**9
    for number, is_loud in enumerate(loud):
        quiet = 0 if is_loud else quiet + 1
        keep[number] = quiet <= 10
    last = int(np.flatnonzero(loud)[-1]) + 1 if loud.any() else 0
    return blocks[:last][keep[:last]].reshape(-1, 2)


def levelled(piece: Sound, rate_hz: int = RATE_HZ) -> Sound:
    """A piece, [frames] or [frames x channels], at `LOUDNESS_LUFS`, or as near below as its peak allows."""
    loudness = pyloudnorm.Meter(rate_hz).integrated_loudness(piece.astype(np.float64))
    gain = 10.0 ** ((LOUDNESS_LUFS - loudness) / 20.0) if np.isfinite(loudness) else 1.0
    return (piece * min(gain, PEAK / float(np.abs(piece).max()))).astype(np.float32)


def shape_db(piece: Sound) -> Sound:
    """Level in 16 parts and 32 bands, dB below the loudest down to -40: pieces that share it are near-duplicates.

    Copies at another level, rate or bit rate stay within a few tenths of a dB; other pieces do not.
    """
    parts = np.array_split(piece, 16)
    edges = np.geomspace(50.0, RATE_HZ / 2, 33)
    rows = []
    for part in parts:
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
        places = np.searchsorted(edges, np.fft.rfftfreq(len(part), 1.0 / RATE_HZ))
        rows.append(np.bincount(places, power, minlength=34)[1:33])
    level_db = 10.0 * np.log10(np.array(rows) / max(1e-12, float(np.max(rows))) + 1e-12)
    return np.maximum(level_db, -40.0).astype(np.float32)


def split_of(sources_before: int) -> str:
    """The split of a style's next source: one in `HELD_OUT_SHARE` is held out, the third among the first ones."""
    return "held_out" if sources_before % HELD_OUT_SHARE == 2 else "train"


def centroid_hz(sound: Sound, rate_hz: int = RATE_HZ) -> float:
    """Mean frequency of a sound, weighted by magnitude."""
    spectrum = np.abs(np.fft.rfft(sound))
    return float(np.sum(np.fft.rfftfreq(len(sound), 1.0 / rate_hz) * spectrum) / max(1e-12, float(np.sum(spectrum))))


def read_list(folder: Path) -> list[Piece]:
    """The pieces of a corpus; raises `TextureError` when the folder is no corpus."""
    path = folder / "corpus.json"
    try:
        return [Piece(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError as error:
        raise TextureError(
            f"{folder}: not a corpus (no corpus.json); make one with `textures corpus render` or `import`"
        ) from error
    except (ValueError, TypeError) as error:
        raise TextureError(f"{path}: damaged ({error}); remove it and build the corpus again") from error


def write_list(folder: Path, pieces: list[Piece]) -> None:
    temporary = folder / "corpus.json.part"
    temporary.write_text(json.dumps([asdict(piece) for piece in pieces], indent=1), encoding="utf-8")
    os.replace(temporary, folder / "corpus.json")

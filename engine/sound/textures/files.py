"""Textures: any audio file as an endless, seamless loop at 48 kHz.

Files are read in pieces as they are needed, so an hour of sound costs no more memory than a second. What turns them
round and moves them by octaves is pyo; see `engine.sound.layers.table_readers`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import TextureError
from engine.files.audio.audio_file import AudioFile
from engine.files.audio.downmix import fitting_weights
from engine.files.audio.names import is_hidden, is_playable
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures.polyphase import upfirdn

SHORTEST_S: Final = 0.2
LOWEST_RATE_HZ: Final = 4_000
HIGHEST_RATE_HZ: Final = 384_000
MOST_CHANNELS: Final = 8
LONGEST_SEAM_S: Final = 2.0
LOUDNESS_RMS: Final = 0.1
"""Every texture is brought to this level (-20 dBFS), so moods may choose files freely."""

HIGHEST_PEAK: Final = 0.7
MOST_GAIN: Final = 30.0
SILENT_RMS: Final = 1e-5
_EXCERPTS: Final = 12
_EXCERPT_S: Final = 0.4
_BLOCK_FRAMES: Final = 1 << 16
_BLOCKS_KEPT: Final = 4
_LARGEST_RATIO_TERM: Final = 640

Stereo = NDArray[np.float32]
"""[2, frames]."""


def textures_in(folders: Iterable[Path], pattern: str = "*") -> list[Path]:
    """Audio files in `folders` whose name, with or without suffix, matches `pattern` (`pads*`), sorted by name.

    Where a name occurs twice, the one in the earlier folder. Hidden files are somebody's work in progress.
    """
    found: dict[str, Path] = {}
    for folder in folders if pattern.strip() else ():
        try:
            matches = sorted({path for form in (pattern, f"{pattern}.*") for path in folder.glob(form)})
        except (OSError, ValueError, IndexError):
            continue
        for path in matches:
            if is_playable(path) and not is_hidden(path) and path.is_file():
                found.setdefault(path.name, path)
    return [found[name] for name in sorted(found)]


def check_header(file: AudioFile, name: str) -> None:
    """Raises `TextureError` where the header tells of no sound that can be used, as that of a damaged file may."""
    if not LOWEST_RATE_HZ <= file.samplerate <= HIGHEST_RATE_HZ:
        raise TextureError(f"{name}: a rate of {file.samplerate} Hz; expected {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ}")
    if file.channels > MOST_CHANNELS:
        raise TextureError(f"{name}: {file.channels} channels; expected at most {MOST_CHANNELS}")


class TextureLoop:
    """One file as a loop. Raises `TextureError` if it cannot serve; once made, `looped` never fails."""

    def __init__(self, path: Path, reverse: bool = False, octave: int = 0) -> None:
        self.path = path
        self.speed = reading_speed(reverse, octave)
        self._file = AudioFile(path)
        self._frames = self._file.frames
        try:
            check_header(self._file, f"texture {path.name}")
        except TextureError:
            self._file.close()
            raise
        if self._frames < SHORTEST_S * self._file.samplerate:
            self._file.close()
            raise TextureError(f"texture {path.name}: shorter than {SHORTEST_S:g} s; give a longer file")
        self._blocks: OrderedDict[int, Stereo] = OrderedDict()
        self._weights: NDArray[np.float32] | None = None
        self._mean = np.zeros((2, 1), np.float32)
        """Of the file: a recording may have one, which a layer with an open low cut would pass on."""
        self._gain = self._measured_gain()
        self._seam = min(round(LONGEST_SEAM_S * self._file.samplerate), self._frames // 3)
        self._loop_frames = self._frames - self._seam
        ratio = Fraction(int(self._file.samplerate), SAMPLE_RATE_HZ)
        self._ratio = ratio.limit_denominator(_LARGEST_RATIO_TERM)
        self._filter = _resampling_filter(self._ratio, max(0, octave))
        self.position = 0
        """Frames, at 48 kHz, that were heard of it so far."""

    def looped(self, start: int, count: int) -> Stereo:
        """`count` frames [2, count] of the endless loop from frame `start` on, forwards, at 48 kHz."""
        up, down = self._ratio.denominator, self._ratio.numerator
        if self._filter.size == 1:
            return self._loop_range(start, count)
        # The piece must begin on a source frame that falls on an output frame, far enough back for the filter.
        reach = -(-(self._filter.size // 2) // down) + 1
        early = start % up + up * -(-reach // up)
        first = (start - early) * down // up
        length = -(-(early + count + reach) * down // up) + 1
        # The filter's middle falls on the first frame once it has passed whole frames of the output.
        lead = -(self._filter.size // 2) % down
        taps = np.concatenate([np.zeros(lead), self._filter * up])
        skipped = (self._filter.size // 2 + lead) // down
        return upfirdn(taps, self._loop_range(first, length), up, down, skipped + early, count)

    def close(self) -> None:
        self._file.close()

    def _loop_range(self, start: int, count: int) -> Stereo:
        out = np.empty((2, count), dtype=np.float32)
        done = 0
        while done < count:
            place = (start + done) % self._loop_frames
            in_seam = place < self._seam
            length = min(count - done, (self._seam if in_seam else self._loop_frames) - place)
            piece = self._frames_at(place, length)
            if in_seam:
                turn = (np.arange(place, place + length, dtype=np.float32) + 0.5) * np.float32(np.pi / 2 / self._seam)
                piece = piece * np.sin(turn) + self._frames_at(place + self._loop_frames, length) * np.cos(turn)
            out[:, done : done + length] = piece
            done += length
        return out * self._gain

    def _frames_at(self, start: int, count: int) -> Stereo:
        out = np.empty((2, count), dtype=np.float32)
        done = 0
        while done < count:
            number, within = divmod(start + done, _BLOCK_FRAMES)
            length = min(count - done, _BLOCK_FRAMES - within)
            out[:, done : done + length] = self._block(number)[:, within : within + length]
            done += length
        return out

    def _block(self, number: int) -> Stereo:
        if number not in self._blocks:
            self._blocks[number] = self._read_file(number * _BLOCK_FRAMES, _BLOCK_FRAMES)
            if len(self._blocks) > _BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _read_file(self, start: int, count: int) -> Stereo:
        """Frames of the file as stereo; silence where it cannot be read (any more)."""
        stereo = np.zeros((2, count), dtype=np.float32)
        try:
            self._file.seek(start)
            read = self._file.read(count)
        except (OSError, RuntimeError):
            return stereo
        stereo[:, : len(read)] = read.T if self._weights is None else (read @ self._weights).T
        np.nan_to_num(stereo, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        stereo[:, : len(read)] -= self._mean
        return stereo

    def _excerpt(self, start: int, count: int) -> NDArray[np.float32]:
        """Frames of the file with all channels; none where it cannot be read."""
        try:
            self._file.seek(start)
            return self._file.read(count)
        except (OSError, RuntimeError):
            return np.empty((0, self._file.channels), np.float32)

    def _measured_gain(self) -> np.float32:
        """What brings the file to `LOUDNESS_RMS`, judged by excerpts spread over it."""
        length = min(self._frames, round(_EXCERPT_S * self._file.samplerate))
        starts = np.linspace(0, self._frames - length, _EXCERPTS).astype(int)
        if self._file.channels > 2:
            heard = np.concatenate([self._excerpt(int(start), length) for start in starts])
            self._weights = fitting_weights(heard, self._file.container)
        excerpts = np.stack([self._read_file(int(start), length) for start in starts])
        self._mean = excerpts.mean(axis=(0, 2), dtype=np.float64).astype(np.float32)[:, None]
        excerpts -= self._mean
        rms = float(np.sqrt(np.mean(excerpts.astype(np.float64) ** 2)))
        if rms < SILENT_RMS:
            self._file.close()
            raise TextureError(f"texture {self.path.name}: is silent; give a file with sound")
        return np.float32(min(LOUDNESS_RMS / rms, HIGHEST_PEAK / float(np.abs(excerpts).max()), MOST_GAIN))


def reading_speed(reverse: bool, octave: int) -> float:
    """Frames of a loop for each frame that is heard; below 0 it runs backwards."""
    return float(2.0**octave) * (-1 if reverse else 1)


def _resampling_filter(ratio: Fraction, octaves_up: int) -> NDArray[np.float64]:
    """Windowed sinc (Kaiser, beta 5) for `ratio`; it leaves nothing that reading octaves up would fold down again."""
    widest = max(ratio.numerator * 2**octaves_up, ratio.denominator)
    if widest == 1:
        return np.ones(1)
    half = 10 * widest
    place = np.arange(-half, half + 1)
    taps = np.sinc(place / widest) * np.kaiser(place.size, 5.0)
    return np.asarray(taps / taps.sum())

"""Brings what the room heard into step with the stems that were sent to it, to the frame.

The clock knows only to some tenths of a second when a frame was heard; the sound itself knows exactly. What the room
adds (faders, filters, reverberation) comes later and weaker than the direct sound, so the place is where the two
correlate, all frequencies counting the same (GCC-PHAT: Knapp and Carter, IEEE Trans. ASSP 24/4, 1976).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ

MARGIN_S: Final = 0.5
"""How far the clock may be wrong: so much more of the room is kept at both ends, until the place is known."""
_PIECE_FRAMES: Final = 1 << 17
_MOST_PIECES: Final = 24
_CLEAR: Final = 8.0
"""How many standard deviations the best place must stand out from all others."""
_SOFT: Final = 0.3
"""Share of a piece in which it rises and falls."""
_COPY_FRAMES: Final = 1 << 19


def place_in_room(room: Path, sent: Path, most: int) -> int | None:
    """The frame of the file `room` at which the file `sent` begins, from 0 to `most`; None where the sound does not
    tell: silence, the hold loop, faders that are down. Raises OSError, SoundFileError."""
    frames = min(soundfile.info(sent).frames, soundfile.info(room).frames - most)
    starts = np.linspace(0, max(0, frames - _PIECE_FRAMES), min(_MOST_PIECES, 1 + frames // _PIECE_FRAMES)).astype(int)
    total = np.zeros(most + 1)
    for start in starts:
        played = _mono(sent, start, min(_PIECE_FRAMES, frames))
        heard = _mono(room, start, len(played) + most)
        total += _alike(heard, played)[: most + 1]
    best = int(np.argmax(total))
    away = np.abs(np.arange(most + 1) - best) > SAMPLE_RATE_HZ // 1000
    spread = float(total[away].std()) if away.any() else 0.0
    return best if spread > 0 and total[best] - total[away].mean() > _CLEAR * spread else None


def cut_room(room: Path, first: int, frames: int) -> None:
    """Leave of a FLAC file `frames` from `first` on; it is whole at each moment. Raises OSError, SoundFileError."""
    part = room.with_name(f".{room.name}.part")
    try:
        with (
            soundfile.SoundFile(room) as old,
            soundfile.SoundFile(part, "w", old.samplerate, old.channels, old.subtype, format="FLAC") as new,
        ):
            old.seek(first)
            for block in old.blocks(_COPY_FRAMES, dtype="int32", always_2d=True, frames=frames):
                new.write(block)
        os.replace(part, room)
    finally:
        part.unlink(missing_ok=True)


def _mono(path: Path, start: int, frames: int) -> NDArray[np.float32]:
    sound = soundfile.read(path, frames, start, dtype="float32", always_2d=True)[0]
    return np.asarray(sound[:, 0] + sound[:, 1])


def _alike(heard: NDArray[np.float32], played: NDArray[np.float32]) -> NDArray[np.float64]:
    """How well `played` fits into `heard` at each place, from 0; silence fits nowhere.

    Both rise and fall softly: their ends must not be what is alike.
    """
    from scipy.fft import irfft, next_fast_len, rfft  # 50 MB that whoever keeps nothing does not pay for
    from scipy.signal.windows import tukey

    size = next_fast_len(len(heard) + len(played), real=True)
    one, other = (sound * tukey(len(sound), _SOFT) for sound in (heard, played))
    cross = rfft(one, size) * np.conj(rfft(other, size))
    strength = np.abs(cross)
    floor = 1e-3 * float(strength.mean())
    return np.asarray(irfft(cross / (strength + floor + 1e-20), size), dtype=np.float64)

"""Sound inside a page: Opus as a data URI where all of it is small enough, so that one file holds everything."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from engine.album.sound_files.audio_files import read_audio

MOST_S: Final = 20 * 60.0
"""Of all sounds of a page; more than this is played from the files beside it. A minute takes about 0.7 MB."""
OPUS_RATE_HZ: Final = 48_000
_BITRATE: Final = 0.84
"""Of libsndfile, where 0 is 256 kbit/s a channel and 1 is 6: about 90 kbit/s for both."""


def fits_in_a_page(paths: Sequence[Path]) -> bool:
    """Whether sounds are short enough together."""
    return sum(soundfile.info(path).duration for path in paths) <= MOST_S


def as_data(path: Path) -> str:
    """A sound file as a data URI of Opus."""
    sound, rate_hz = read_audio(path)
    at_rate = soxr.resample(sound, rate_hz, OPUS_RATE_HZ) if rate_hz != OPUS_RATE_HZ else sound
    out = io.BytesIO()
    with soundfile.SoundFile(
        out, "w", OPUS_RATE_HZ, 2, format="OGG", subtype="OPUS", compression_level=_BITRATE
    ) as file:
        file.write(np.clip(at_rate, -1.0, 1.0))
    return f"data:audio/ogg;base64,{base64.b64encode(out.getvalue()).decode()}"

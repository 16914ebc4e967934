"""How long a file may be that a record reads into memory."""

from __future__ import annotations

from typing import Any

from engine.errors import RecordError
from engine.parameters.stems import SAMPLE_RATE_HZ


def check_length(header: Any, name: str, longest_s: float) -> None:
    """Raises `RecordError` for a file whose `soundfile.info` tells of more than is read into memory at once.

    That is `longest_s` in stereo at 48 kHz, and less of what has more channels or a higher rate.
    """
    most_frames = longest_s * SAMPLE_RATE_HZ * 2 // header.channels
    if header.frames > most_frames:
        most_s = most_frames / header.samplerate
        raise RecordError(
            f"{name}: is {_minutes(header.frames / header.samplerate)} long; with {header.channels} channels at "
            f"{header.samplerate} Hz at most {_minutes(most_s)} are read; cut out what you need"
        )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes"

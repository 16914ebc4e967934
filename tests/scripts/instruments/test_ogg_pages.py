"""Ogg files are shortened without loss: what is left decodes to the same frames."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from engine.files.paths import INSTRUMENTS_FOLDER
from scripts.instruments.ogg_pages import shortened

WHOLE = (INSTRUMENTS_FOLDER / "salamander" / "060-3.ogg").read_bytes()
RATE_HZ = 48_000


def decoded(data: bytes) -> np.ndarray:
    return soundfile.read(io.BytesIO(data), dtype="float32")[0]


def test_what_is_left_is_the_same_to_the_bit() -> None:
    short = shortened(WHOLE, 3 * RATE_HZ)
    assert len(short) < 0.4 * len(WHOLE)
    sound = decoded(short)
    assert 3 * RATE_HZ <= len(sound) < 4 * RATE_HZ
    assert np.array_equal(sound, decoded(WHOLE)[: len(sound)])


def test_a_file_that_is_short_already_stays_whole() -> None:
    assert np.array_equal(decoded(shortened(WHOLE, 10**9)), decoded(WHOLE))


def test_what_is_no_ogg_is_refused() -> None:
    with pytest.raises(ValueError, match="no Ogg page at byte 0"):
        shortened(b"RIFF" + bytes(40), 100)

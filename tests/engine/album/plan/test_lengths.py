"""Files that would not fit into memory are refused by their headers."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from engine.album.plan.lengths import check_length
from engine.errors import RecordError


def header(minutes: float, channels: int = 2, rate_hz: int = 48_000) -> SimpleNamespace:
    return SimpleNamespace(frames=round(60 * minutes * rate_hz), channels=channels, samplerate=rate_hz)


def test_what_is_short_enough_passes() -> None:
    check_length(header(10.0), "a.wav", 600.0)
    check_length(header(20.0, channels=1), "a.wav", 600.0)


@pytest.mark.parametrize(
    ("found", "most"),
    [(header(11.0), "10 minutes"), (header(6.0, 4), "5 minutes"), (header(6.0, 2, 96_000), "5 minutes")],
)
def test_more_channels_or_frames_must_be_shorter(found: SimpleNamespace, most: str) -> None:
    with pytest.raises(RecordError, match=f"a.wav: is .* at most {most} are read"):
        check_length(found, "a.wav", 600.0)

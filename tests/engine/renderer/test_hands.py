"""The humaniser at work for a conductor, and what happens without its weights."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.errors import WeightsError
from engine.music.notes import Note
from engine.renderer.hands import played_by_hands

SCORE = [Note(0.6 * n, 60 + n % 5, 0.5, 60) for n in range(30)]


def broken(score: Sequence[Note], seed: int) -> tuple[Note, ...]:
    raise WeightsError("weights.safetensors: damaged")


def test_the_humaniser_plays(caplog: pytest.LogCaptureFixture) -> None:
    played = played_by_hands(SCORE, 3)
    assert [n.pitch for n in sorted(played)] != []
    assert played != tuple(SCORE)
    assert caplog.records == []


def test_without_weights_it_is_played_as_written_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """At the address by which the renderer's reports tell the hub."""
    assert played_by_hands(SCORE, 3, broken) == tuple(SCORE)
    assert [
        (record.name.split(".")[0], record.__dict__["where"], record.getMessage()) for record in caplog.records
    ] == [
        (
            "engine",
            "/renderer",
            "weights.safetensors: damaged; until then what is made by rule is played as written",
        )
    ]

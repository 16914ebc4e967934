"""Moments and lengths of a track, in the words of its file."""

from __future__ import annotations

import pytest

from engine.album.plan.clock import Clock
from engine.album.plan.sheet import TempoSettings
from engine.errors import RecordError


@pytest.fixture
def clock() -> Clock:
    clock = Clock(TempoSettings(bpm=120.0, beats_per_bar=3))
    clock.begins_s["coda"] = 40.0
    return clock


@pytest.mark.parametrize(
    ("text", "moment_s"),
    [
        (7.5, 7.5),
        ("bar 1", 0.0),
        ("bar 9", 12.0),
        ("bar 9.3", 13.0),
        ("coda", 40.0),
        ("coda + 4", 44.0),
        ("coda-2.5", 37.5),
    ],
)
def test_a_moment_is_seconds_a_bar_or_a_section(clock: Clock, text: float | str, moment_s: float) -> None:
    assert clock.moment_s(text) == pytest.approx(moment_s)


@pytest.mark.parametrize(("text", "length_s"), [(2.0, 2.0), ("4 bars", 6.0), ("1 bar", 1.5), ("2.5 bars", 3.75)])
def test_a_length_is_seconds_or_bars(clock: Clock, text: float | str, length_s: float) -> None:
    assert clock.length_s(text) == pytest.approx(length_s)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (-1.0, "a moment of -1 s"),
        ("bar 0", "count from 1"),
        ("bar 3.0", "count from 1"),
        ("codda", "Did you mean 'coda'"),
        ("coda - 41", "a moment of -1 s"),
        ("soon!", "expected seconds, a bar"),
    ],
)
def test_what_is_no_moment_is_said(clock: Clock, text: float | str, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        clock.moment_s(text)


@pytest.mark.parametrize(("text", "said"), [(0.0, "a length of 0"), ("0 bars", "a length of 0"), ("coda", "no length")])
def test_what_is_no_length_is_said(clock: Clock, text: float | str, said: str) -> None:
    with pytest.raises(RecordError, match=said):
        clock.length_s(text)


def test_where_no_section_is_known_yet_that_is_said() -> None:
    with pytest.raises(RecordError, match="none yet"):
        Clock(TempoSettings(bpm=120.0, beats_per_bar=3)).moment_s("coda")

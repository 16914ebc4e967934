"""Readers survive what nobody would write; hypothesis chooses the damage."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.damage import damaged
from tests.fuzz.targets import TARGETS, Target, feed

MOST_NEW_MB = 300


@pytest.fixture(autouse=True)
def _without_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be started for each file that is not what it says, and is not ours."""
    monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_reader_survives_damage(target: Target, tmp_path: Path) -> None:
    seeds = target.seeds()
    path = tmp_path / f"input{target.suffix}"
    for good in seeds:
        feed(target, path, good)

    @given(st.integers(0, len(seeds) - 1), st.integers(0, 2**32))
    @settings(max_examples=target.examples, suppress_health_check=list(HealthCheck), derandomize=True)
    def check(which: int, number: int) -> None:
        feed(target, path, damaged(seeds[which], number))

    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    check()
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1000 < MOST_NEW_MB


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
@given(data=st.binary(max_size=400))
@settings(max_examples=6, suppress_health_check=list(HealthCheck), derandomize=True)
def test_a_reader_survives_anything(target: Target, data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    feed(target, tmp_path_factory.getbasetemp() / f"anything{target.suffix}", data)

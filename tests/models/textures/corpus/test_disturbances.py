"""Disturbances: as loud as they may be, of the three kinds, the same for the same chance, and sometimes none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from models.textures.audio.mu_law import RATE_HZ, compress, expand
from models.textures.corpus.disturbances import (
    CLEAN_SHARE,
    LEVEL_DB,
    SWELL_DB,
    disturbed,
    singing,
    swells_db,
    tinted,
    white,
)

TONE = compress(0.2 * np.sin(2 * np.pi * 330.0 * np.arange(4 * RATE_HZ) / RATE_HZ))


def test_what_is_heard_stays_within_the_levels_and_is_sometimes_clean() -> None:
    heard = [disturbed(TONE, np.random.default_rng(seed)) for seed in range(60)]
    clean = sum(np.array_equal(one, TONE) for one in heard)
    assert 0.5 * CLEAN_SHARE < clean / len(heard) < 1.7 * CLEAN_SHARE
    away = [expand(one).astype(np.float64) - expand(TONE) for one in heard]
    loudness = np.sqrt(np.mean(expand(TONE) ** 2))
    levels_db = [20 * np.log10(np.sqrt(np.mean(one**2)) / loudness) for one in away if one.any()]
    assert max(levels_db) < LEVEL_DB[1] + SWELL_DB[1]
    assert max(levels_db) - min(levels_db) > 15.0  # some hardly, some strongly
    assert all(one.shape == TONE.shape and one.dtype == np.uint8 for one in heard)


def test_the_same_chance_disturbs_the_same() -> None:
    assert np.array_equal(*(disturbed(TONE, np.random.default_rng(5)) for _ in range(2)))


@pytest.mark.parametrize("kind", [white, tinted, singing])
def test_every_kind_is_as_loud(kind: Callable[[int, np.random.Generator], NDArray[np.float64]]) -> None:
    for seed in range(5):
        noise = kind(4 * RATE_HZ, np.random.default_rng(seed))
        assert np.sqrt(np.mean(noise**2)) == pytest.approx(1.0, rel=0.15)


def test_swells_wander_within_their_range() -> None:
    level_db = swells_db(8 * RATE_HZ, np.random.default_rng(1))
    assert SWELL_DB[0] <= level_db.min() < level_db.max() <= SWELL_DB[1]
    assert np.abs(np.diff(level_db)).max() < 0.01  # dB per value: no step

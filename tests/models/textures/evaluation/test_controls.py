"""White noise through a network's predictors: what the figures of a network are compared with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from models.textures.evaluation.controls import filtered, untrained, untrained_waves, without_scores
from models.textures.network_file import load_network
from tests.models.textures.small_networks import write_small_networks

BLOCK = 100


def test_a_predictor_that_predicts_nothing_lets_noise_through() -> None:
    noise = 0.3 * np.random.default_rng(1).standard_normal(3 * BLOCK)
    heard = filtered(noise, np.zeros((3, 4)), BLOCK)
    assert heard == pytest.approx(np.clip(noise, -1.0, 1.0))


def test_each_block_has_its_own_predictor() -> None:
    """The first holds what was, the second forgets it at once; none goes beyond full scale."""
    noise = np.zeros(2 * BLOCK)
    noise[0] = 0.5
    taps = np.zeros((2, 4))
    taps[0, -1] = 1.0
    assert filtered(noise, taps, BLOCK) == pytest.approx(np.repeat([0.5, 0.0], BLOCK))
    taps[0, -1] = 2.0
    assert filtered(noise, taps, BLOCK).max() == 1.0


def test_untrained_waves_follow_the_plan_that_learnt(tmp_path: Path) -> None:
    air, spectra = write_small_networks(tmp_path)
    network = load_network(str(air))
    waves, both = untrained_waves(network), untrained(network)
    assert waves.plan is network.plan
    assert both.plan is not network.plan
    learnt, new, newer = (one.waves[0].out_bias for one in (network, waves, both))
    assert np.array_equal(new, newer)
    assert not np.array_equal(new, learnt)
    with pytest.raises(WeightsError, match="draws no waves"):
        untrained_waves(load_network(str(spectra)))


def test_a_plan_without_scores_holds_every_code_for_as_likely(tmp_path: Path) -> None:
    _, spectra = write_small_networks(tmp_path)
    weights = load_network(str(spectra)).plan.weights
    even = without_scores(weights)
    assert np.abs(weights.head).max() > 0.0
    assert (np.abs(even.head).max(), np.abs(even.head_bias).max()) == (0.0, 0.0)
    assert np.array_equal(even.blocks.qkv, weights.blocks.qkv), "all else is as it was"

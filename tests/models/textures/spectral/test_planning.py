"""A plan on its way: how much of what codes leave open is drawn is told apart from the codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.textures.network_file import load_network
from models.textures.sampling_preset import SamplingPreset
from models.textures.spectral.planning import EARLIER, Planning
from tests.models.textures.small_networks import write_small_networks

COLUMNS = 12


@pytest.fixture
def plans(tmp_path: Path) -> dict[float, Planning]:
    """One plan with no noise, half of it, and all."""
    network = load_network(str(write_small_networks(tmp_path)[1])).plan
    made = {n: Planning(network, 0, COLUMNS, 3, 0, None, SamplingPreset(noise=n)) for n in (0.0, 0.5, 1.0)}
    for plan in made.values():
        while not plan.done:
            plan.advance(16)
    return made


def test_codes_do_not_depend_on_noise_and_levels_do(plans: dict[float, Planning]) -> None:
    still, half, whole = plans.values()
    assert np.array_equal(still.drawing.codes, whole.drawing.codes)
    away, further = (np.abs(plan.levels - still.levels).mean() for plan in (half, whole))
    assert 0.0 < away < further


def test_without_noise_the_way_back_hears_noughts(plans: dict[float, Planning]) -> None:
    plan, network = plans[0.0], plans[0.0]._decoder
    noughts = network.noise(EARLIER + COLUMNS, np.random.default_rng(1))
    silent = (0.0 * noughts[0], 0.0 * noughts[1])
    assert np.array_equal(plan.levels, network.part(plan.drawing.codes, silent, EARLIER, EARLIER + COLUMNS))

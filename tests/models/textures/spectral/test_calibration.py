"""A plan's last layer is set right: codes score as their digits say, and drawings have what real codes have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.textures.network_file import eras_of, load_network
from models.textures.sampling_preset import SamplingPreset
from models.textures.spectral.calibration import calibrated, write_calibration
from models.textures.spectral.network_file import PlanNetwork
from models.textures.spectral.planning import Planning
from models.textures.training.calibration import FIRST, calibration, shares
from tests.models.textures.small_networks import PLAN_SIZES, write_small_networks

DIGITS = sum(PLAN_SIZES.levels)
STYLE = PLAN_SIZES.styles[0]
AS_LEARNT = SamplingPreset(temperature=1.0, guidance=1.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_small_networks(tmp_path)[1]


@pytest.fixture
def network(folder: Path) -> PlanNetwork:
    return load_network(str(folder)).plan


def test_a_code_scores_what_its_digits_are_given(network: PlanNetwork) -> None:
    bias = np.zeros((PLAN_SIZES.tokens, DIGITS))
    first, second = PLAN_SIZES.levels[:2]
    bias[3, 2], bias[3, first + 1] = 1.0, 0.5
    more = calibrated(network.weights, bias, 2.0).head_bias - network.weights.head_bias
    codes = np.arange(PLAN_SIZES.codes)
    wanted = 2.0 * (codes % first == 2) + 1.0 * (codes // first % second == 1)
    assert more[3] == pytest.approx(wanted, abs=1e-5)
    assert not more[:3].any()


def test_it_counts_for_the_weights_that_it_belongs_to(folder: Path, network: PlanNetwork) -> None:
    path, bias = folder / "late.safetensors", np.zeros((PLAN_SIZES.tokens, DIGITS))
    bias[:, 0] = 20.0
    write_calibration(path, network.hash, {STYLE: bias})
    beside = load_network(str(folder))
    assert (beside.hash, eras_of(str(folder))) == (network.hash, ["late"])
    plans = [
        Planning(beside.plan, 0, 1, 3, 0, None, SamplingPreset(guidance=1.0, calibration=share)) for share in (0.0, 1.0)
    ]
    for plan in plans:
        plan.drawing.advance(8)
    without, with_it = (plan.drawing.codes[:8] % PLAN_SIZES.levels[0] for plan in plans)
    assert without.any()
    assert not with_it.any()
    write_calibration(path, "of others", {STYLE: bias})
    assert not load_network(str(folder)).plan.calibration


def test_drawings_come_nearer_to_what_real_codes_have(network: PlanNetwork) -> None:
    levels, columns = PLAN_SIZES.levels, FIRST + 16
    real = [PLAN_SIZES.levels[0] * np.random.default_rng(n).integers(0, 125, (columns, 32)) for n in range(4)]
    assert shares(real[0], levels)[:, 0].min() == 1.0
    bias = calibration(network, 0, real, AS_LEARNT, 1, streams=2, last=columns)
    assert bias[:, 0].min() > 0.0
    assert bias[:, 1 : levels[0]].max() <= 0.0

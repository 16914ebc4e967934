"""Training a network of waves: both kinds learn from the same streams, stop, and go on."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WeightsError
from models.textures.audio.mu_law import BLOCK_FRAMES, SILENCE
from models.textures.samplernn.sizes import SampleRnnSizes
from models.textures.spectral.bands import BANDS
from models.textures.training.pieces import Prepared
from models.textures.training.waves import WavePlan, WaveTraining
from models.textures.wavenet.sizes import WaveNetSizes
from tests.models.textures.small_networks import SAMPLERNN_SIZES, WAVENET_SIZES

KINDS: dict[str, WaveNetSizes | SampleRnnSizes] = {
    "wavenet": replace(WAVENET_SIZES, styles=("a",)),
    "samplernn": replace(SAMPLERNN_SIZES, styles=("a",), sketch_memory=0.0),
}
PLAN = WavePlan(streams=2, frames=512, rate=1e-2, warm_up=5, mean_decay=0.9, measure_every=10)
STEPS = 40
BLOCKS = 130


def piece(seed: int) -> Prepared:
    """Eight steps up and down again, now louder, now softer, of which the plan says nothing."""
    rng = np.random.default_rng(seed)
    steps = np.abs(np.arange(BLOCKS * BLOCK_FRAMES) // 4 % 16 - 8) - 4
    loud = np.repeat(rng.integers(4, 16, BLOCKS), BLOCK_FRAMES)
    quiet = np.full((2, BLOCKS, BANDS), -3.0, np.float16)
    return Prepared(quiet, (SILENCE + steps * loud).astype(np.uint8), np.ones(12, np.float32), 0)


def begin(folder: Path, sizes: WaveNetSizes | SampleRnnSizes) -> WaveTraining:
    return WaveTraining(folder, [piece(1), piece(2)], [piece(3)], sizes, PLAN)


def learn(training: WaveTraining, steps: int) -> list[float]:
    losses = []
    for _ in range(steps):
        losses.append(training.learn())
        training.step += 1
    return losses


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_learns_holds_for_sound_it_has_not_heard(tmp_path: Path, kind: str) -> None:
    training = begin(tmp_path, KINDS[kind])
    training.record(0.0)
    losses = learn(training, STEPS)
    training.record(float(np.mean(losses)))
    with (tmp_path / f"{kind}.csv").open(encoding="utf-8") as file:
        before, after = csv.DictReader(file)
    assert float(after["held_out_bits"]) < 0.85 * float(before["held_out_bits"])
    assert np.mean(losses[-5:]) < 0.85 * np.mean(losses[:5])
    assert int(after["values"]) == STEPS * PLAN.streams * PLAN.frames


@pytest.mark.parametrize("kind", KINDS)
def test_a_training_goes_on_where_it_stopped(tmp_path: Path, kind: str) -> None:
    first = begin(tmp_path, KINDS[kind])
    learn(first, 3)
    first.save()
    again = begin(tmp_path, KINDS[kind])
    assert again.step == 3
    for name, own in first.mean.named_parameters():
        assert np.array_equal(own.detach().numpy(), again.mean.get_parameter(name).detach().numpy())
    learn(again, 1)
    (tmp_path / f"{kind}.pt").write_bytes(b"nothing")
    with pytest.raises(WeightsError, match=f"{kind}.pt"):
        begin(tmp_path, KINDS[kind])

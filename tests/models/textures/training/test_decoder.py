"""The way back learns on drawn plans: it moves as real levels do, and keeps the meaning of codes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from models.textures.spectral.bands import BANDS
from models.textures.spectral.codec import STEP_FRAMES, Codec, CodecSizes
from models.textures.training.decoder import DecoderPlan, DecoderTraining
from models.textures.training.pieces import Prepared
from models.textures.training.plan import Planned

COLUMNS = 30
SIZES = CodecSizes(fine=8, middle=8, coarse=16)
STEPS = 25


def pieces(count: int, seed: int) -> list[tuple[Prepared, Planned]]:
    """Restless levels with codes by chance: the codec that begins here makes still ones of them."""
    rng, found = np.random.default_rng(seed), []
    for n in range(count):
        levels = rng.normal(0.0, 0.3, (2, COLUMNS * STEP_FRAMES, BANDS)).astype(np.float16)
        own = Prepared(levels, np.zeros(0, np.uint8), np.zeros(12, np.float32), n % 2)
        found.append((own, drawn(n % 2, rng)))
    return found


def drawn(style: int, rng: np.random.Generator) -> Planned:
    codes = rng.integers(0, SIZES.codes, (COLUMNS, SIZES.tokens)).astype(np.int16)
    return Planned(codes, style, np.zeros(12, np.float32))


@pytest.fixture
def learner(tmp_path: Path) -> DecoderTraining:
    torch.manual_seed(1)
    rng = np.random.default_rng(3)
    plan = DecoderPlan(rate=4e-3, warm_up=1, measure_every=STEPS)
    written = [drawn(n % 2, rng) for n in range(4)]
    return DecoderTraining(tmp_path, Codec(SIZES), pieces(4, 1), pieces(2, 2), written, plan)


def test_drawn_levels_come_to_move_as_real_ones(learner: DecoderTraining, tmp_path: Path) -> None:
    encoder = {name: value.clone() for name, value in learner.codec.encoder.state_dict().items()}
    learner.record(0.0)
    for learner.step in range(1, STEPS + 1):
        learner.learn()
    learner.record(0.0)
    learner.save()
    with (tmp_path / "decoder.csv").open(encoding="utf-8") as file:
        first, last = (float(row["movement_miss"]) for row in csv.DictReader(file))
    assert last < 0.5 * first
    for name, value in learner.codec.encoder.state_dict().items():
        assert torch.equal(value, encoder[name]), "codes keep their meaning"


def test_only_the_middle_counts_and_short_pieces_have_less_beside_it(learner: DecoderTraining) -> None:
    batch = learner._drawn(np.random.default_rng(1))
    assert learner.beside == 6
    assert batch.codes.shape == (2, 16 + 2 * 6, SIZES.tokens)
    assert learner._decoded(learner.codec, batch.codes).shape == (2, 2, 16 * STEP_FRAMES, BANDS)

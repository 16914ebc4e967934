"""A humaniser learns what it is shown, is measured beside controls, and is written and read again."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from engine.errors import WeightsError
from models.common.weights import save_weights
from models.performers.humaniser import training
from models.performers.humaniser.evaluation import sides, surprise, surprises
from models.performers.humaniser.humaniser import Humaniser
from models.performers.humaniser.pictures import draw_ways
from models.performers.humaniser.quantised_copy import QuantisedCopy, quantised
from models.performers.humaniser.training import Bits, Lesson, load_humaniser, save_humaniser, trained
from tests.models.performers.humaniser.test_quantised_copy import waltz

PLAN = replace(training.PLAN, minutes=80 / 60)
"""80 steps: each is a second of the training's clock, so that a slow machine learns as much."""
NOTHING = replace(PLAN, minutes=0.0)


def mannered(seed: int) -> QuantisedCopy:
    """By a pianist whose melody is always late and loud."""
    rng = Random(seed)
    played = []
    for note in waltz(rng):
        by_s = 0.035 if note.pitch == 74 else 0.0
        played.append(type(note)(note.onset_s + by_s, note.pitch, note.duration_s, 90 if note.pitch == 74 else 50))
    copy = quantised(sorted(played))
    assert copy is not None
    return copy


def test_it_learns_a_manner_and_knows_it_again(tmp_path: Path) -> None:
    copies = [mannered(seed) for seed in range(8)]
    network = trained([Lesson.of(c) for c in copies], PLAN, 1, lambda _: None, clock=itertools.count().__next__)
    untrained = trained([Lesson.of(c) for c in copies], NOTHING, 1, lambda _: None)
    held_out = [mannered(seed) for seed in (20, 21)]
    found, before = surprise(network, held_out), surprise(untrained, held_out)
    assert found.velocity < before.velocity - 1.0
    assert found.timing < before.timing
    beside = surprises(network, copies, held_out)
    assert beside["humaniser"].velocity < beside["people, shuffled"].velocity
    path = tmp_path / "weights.safetensors"
    save_humaniser(path, network, found)
    again = surprise(load_humaniser(path), held_out)
    assert again.velocity == pytest.approx(found.velocity, abs=0.02)
    assert path.stat().st_size < 1_000_000
    draw_ways(Humaniser(path), held_out[0], tmp_path / "ways.png", 1)
    assert (tmp_path / "ways.png").stat().st_size > 10_000


def test_ways_to_play_are_told_from_people(tmp_path: Path) -> None:
    copies = [(f"piece {seed % 6}", mannered(seed)) for seed in range(12)]
    untrained = trained([Lesson.of(copies[0][1])], NOTHING, 1, lambda _: None)
    save_humaniser(tmp_path / "w.safetensors", untrained, Bits(np.nan, np.nan))
    found = {side.name: side for side in sides(Humaniser(tmp_path / "w.safetensors"), copies)}
    assert found["as written"].telling.auc > 0.9, "what nobody played is known at once"
    assert found["people, other pieces"].telling.auc < found["as written"].telling.auc
    assert all(0.0 <= side.steadiness <= 1.0 for side in found.values())


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", {"input.weight": np.zeros((2, 2))}, {"network": "humaniser"})
    with pytest.raises(WeightsError, match="train it again"):
        load_humaniser(tmp_path / "w.safetensors")

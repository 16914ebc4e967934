"""The autoencoder learns passages, and what it is worth is measured beside controls."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from engine.errors import WeightsError
from engine.music.notes import Note, Phrase, sorted_notes
from models.common.weights import save_weights
from models.performers.interpolation import training
from models.performers.interpolation.evaluation import recall, recall_of_any, road, ways
from models.performers.interpolation.interpolation import Interpolation
from models.performers.interpolation.passage import Passage
from models.performers.interpolation.pictures import draw_steps
from models.performers.interpolation.training import (
    cut,
    held_out_nats,
    load_interpolation,
    packed,
    save_interpolation,
    trained,
)

PLAN = replace(training.PLAN, minutes=90 / 60)
"""90 steps: each is a second of the training's clock, so that a slow machine learns as much."""
NOTHING = replace(PLAN, minutes=0.0)
BATCH = 8


def tune(seed: int) -> Passage:
    rng = Random(seed)
    root = rng.choice((48, 50, 53, 55))
    notes = [Note(0.6 * beat, root + add, 0.55, 60) for beat in range(8) for add in rng.choice(((0, 7), (4, 9)))]
    return Passage(sorted_notes([*notes, *(Note(0.3 * n, root + 24 + n % 5, 0.3, 80) for n in range(16))]), 0.15)


def test_it_learns_to_say_what_it_was_told(tmp_path: Path) -> None:
    material = [(f"piece {seed % 8}", tune(seed)) for seed in range(32)]
    learnt = packed(p for _, p in material)
    untrained = trained(learnt, NOTHING, 1, lambda _: None)
    network = trained(learnt, PLAN, 1, lambda _: None, clock=itertools.count().__next__, batch=BATCH)
    nats = held_out_nats(network, learnt[:8])
    assert nats < 0.5 * held_out_nats(untrained, learnt[:8])
    path = tmp_path / "weights.safetensors"
    save_interpolation(path, network, nats)
    assert path.stat().st_size < 2_000_000
    assert held_out_nats(load_interpolation(path), learnt[:8]) == pytest.approx(nats, rel=0.05)
    drawing = Interpolation(path)
    any_passage = sum(p.tables()[0].astype(float) for _, p in material)
    assert 0.0 <= recall_of_any(any_passage, [p for _, p in material]) <= 1.0
    assert recall(drawing, [p for _, p in material[:6]]) > 0.05
    found = {way.name: way for way in ways(drawing, material, 8)}
    assert found["crossfade"].largest_step > found["interpolation"].largest_step
    assert found["interpolation"].step > 0.0
    assert all(0.0 <= way.telling.auc <= 1.0 for way in found.values())
    draw_steps(road(drawing, material), tmp_path / "road.png")
    assert (tmp_path / "road.png").stat().st_size > 5_000


def test_pieces_are_cut_into_passages_that_hold_something() -> None:
    notes = tuple(Note(0.3 * n, 60 + n % 12, 0.3, 60) for n in range(200))
    found = list(cut([Phrase(notes), Phrase(())]))
    assert 10 <= len(found) <= 16
    assert packed(found).shape[0] == len(found)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "w.safetensors", {"place": np.zeros((2, 2))}, {"network": "interpolation"})
    with pytest.raises(WeightsError, match="train it again"):
        load_interpolation(tmp_path / "w.safetensors")

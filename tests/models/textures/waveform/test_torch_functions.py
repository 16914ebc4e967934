"""Parts of networks in torch: agreement with a forecast as the compiled loop has it, and embeddings to begin with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.textures.audio.mu_law import CLASSES
from models.textures.waveform.class_choice import add_nearness
from models.textures.waveform.torch_functions import level_features, nearness

HEAD = 8


def test_agreement_with_the_forecast_is_that_of_the_compiled_loop() -> None:
    rng = np.random.default_rng(1)
    hidden, spread = (rng.standard_normal(shape).astype(np.float32) for shape in ((3, HEAD), (HEAD, 2)))
    bias, levels = np.array([3.0, 1.0], np.float32), np.array([0, 512, 900])
    compiled = np.zeros((3, CLASSES), np.float32)
    for scores, own, level in zip(compiled, hidden, levels, strict=True):
        add_nearness(scores, own, level, spread, bias)
    found = nearness(*(torch.from_numpy(part) for part in (hidden, levels, spread, bias)))
    assert found.numpy() == pytest.approx(compiled, rel=1e-3, abs=1e-4)
    assert (found.amin(dim=1) < found.amax(dim=1) - 1.0).all(), "some classes agree better than others"


def test_neighbours_begin_as_neighbours() -> None:
    features = level_features(12)
    near = (features[1:] - features[:-1]).norm(dim=1)
    far = (features[64:] - features[:-64]).norm(dim=1)
    assert near.max() < far.min()

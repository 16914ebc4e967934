"""Attention in compiled loops is softmax attention, for heads alone and in pairs, and for any number of events."""

from __future__ import annotations

import numpy as np
import pytest

from models.performers.drawing.kernels.attention import attend, write_key
from models.performers.drawing.kernels.lane_sums import HALF_PANEL, PANEL

RNG = np.random.default_rng(3)
SLOTS = 2 * PANEL


def expected(q: np.ndarray, keys: np.ndarray, values: np.ndarray, sink: np.ndarray) -> np.ndarray:
    logits = np.concatenate([q @ keys.T, sink[:, None]], 1).astype(np.float64)
    shares = np.exp(logits - logits.max(1, keepdims=True))
    return (shares / shares.sum(1, keepdims=True))[:, :-1] @ values


@pytest.mark.parametrize("count", [1, PANEL, PANEL + 5, SLOTS])
@pytest.mark.parametrize("heads", [1, 2, 3])
@pytest.mark.parametrize("size", [12, HALF_PANEL, HALF_PANEL + 4])
def test_it_is_softmax_attention(count: int, heads: int, size: int) -> None:
    keys, values = RNG.standard_normal((2, SLOTS, size)).astype(np.float32)
    q = RNG.standard_normal((heads, size)).astype(np.float32)
    sink = (q @ keys[:count].T).max(1)
    kept = np.zeros((SLOTS // PANEL, size, PANEL), np.float32)
    for slot, key in enumerate(keys):
        write_key(kept, slot, key)
    padded = np.zeros((SLOTS, -(-size // HALF_PANEL) * HALF_PANEL), np.float32)
    padded[:, :size] = values
    out = np.empty((heads, size), np.float32)
    attend(q, kept, padded, count, sink, np.ones((3, SLOTS), np.float32), out)
    assert np.abs(out - expected(q, keys[:count], values[:count], sink)).max() < 1e-5
    assert np.abs(out - expected(q, keys[:count], values[:count], sink - 9)).max() > 1e-4, "the sink takes its share"

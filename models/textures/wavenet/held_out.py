"""How well a WaveNet foresees pieces it has not learnt, in bits per value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional

from models.textures.audio.mu_law import BLOCK_FRAMES, RATE_HZ
from models.textures.wavenet.network import WaveNet
from models.textures.wavenet.streams import Heard, foretold_within, given_for

LEAD_IN_BLOCKS = RATE_HZ // BLOCK_FRAMES
"""Heard, but not counted: about a second."""


@torch.no_grad()
def held_out_bits(network: WaveNet, pieces: Sequence[Heard], seconds: float = 2.0) -> dict[str, float]:
    """Mean bits per value of each style, over `seconds` from the middle of each piece, after a second to get going."""
    device = network.embedding.device
    styles = network.sizes.styles
    found: dict[str, list[float]] = {style: [] for style in styles}
    length = LEAD_IN_BLOCKS + math.ceil(seconds * RATE_HZ / BLOCK_FRAMES)
    for piece in pieces:
        first = max(0, (piece.blocks - length) // 2)
        last = min(piece.blocks, first + length)
        if last - first <= LEAD_IN_BLOCKS:
            continue
        start, end, skip = first * BLOCK_FRAMES, last * BLOCK_FRAMES, LEAD_IN_BLOCKS * BLOCK_FRAMES
        given = torch.from_numpy(given_for(piece.classes, start, end).astype(np.int64)).to(device)[:, None]
        wanted = torch.from_numpy(piece.classes[start + skip : end].astype(np.int64)).to(device)
        style = functional.one_hot(torch.tensor([piece.style]), len(styles)).float().to(device)
        conditions = torch.from_numpy(piece.conditions[first:last]).to(device)[:, None]
        levels = foretold_within(piece.classes, start, end, network.sizes.predictor_order)
        expected = None if levels is None else torch.from_numpy(levels.astype(np.int64)).to(device)[:, None]
        scores, _ = network(given, style, conditions, foretold=expected)
        nats = functional.cross_entropy(scores[skip:, 0].float(), wanted)
        found[styles[piece.style]].append(float(nats) / math.log(2.0))
    return {style: float(np.mean(bits)) for style, bits in found.items() if bits}

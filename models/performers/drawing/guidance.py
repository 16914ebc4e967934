"""Two drawings side by side, with and without the condition: their difference, enlarged, leads to what is asked.

Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598). Training left conditions out often enough that a
network knows both.
"""

from __future__ import annotations

import numpy as np

from models.performers.drawing.kernels.packed_products import Floats


def stream_count(condition: Floats, guidance: float) -> int:
    """How many streams a drawing needs: nothing asked, or a guidance of 1, and one is enough."""
    return 2 if guidance != 1.0 and condition.any() else 1


def guided(logits: Floats, guidance: float) -> Floats:
    """Logits [vocabulary] from those of the streams [1 or 2 x vocabulary], the one that was asked first."""
    if len(logits) == 1:
        return logits[0]
    asked, free = logits
    return free + np.float32(guidance) * (asked - free)

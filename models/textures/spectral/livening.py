"""Movement that levels lose when they become sound, given to them beforehand.

No sound has quite the levels that a decoder makes. In the one that is nearest to them, levels of neighbouring moments
have come nearer to each other, most of all where partials lie close. So each level is taken further from the mean of
the moments about it, by as much as is lost.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.textures.spectral.bands import CENTRES_HZ

AROUND_FRAMES: Final = 4
"""On both sides, 64 ms."""
_HZ: Final = (150.0, 300.0, 1700.0, 3200.0)
"""Nothing is lost below the first and above the last; all of it between the middle ones."""
_SHARE: Final = np.interp(CENTRES_HZ, _HZ, (0.0, 1.0, 1.0, 0.0)).astype(np.float32)


def livened(levels: NDArray[np.float32], movement: float) -> NDArray[np.float32]:
    """Levels [2 x frames x BANDS] that move `movement` times as far; 1 leaves them as they are."""
    if movement == 1.0:
        return levels
    padded = np.pad(levels, ((0, 0), (AROUND_FRAMES, AROUND_FRAMES), (0, 0)), mode="edge")
    moments, mean = 2 * AROUND_FRAMES + 1, np.zeros_like(levels)
    for first in range(moments):  # one after the other, so that sums come out alike on every processor
        mean += padded[:, first : first + levels.shape[1]]
    mean *= np.float32(1.0 / moments)
    return levels + np.float32(movement - 1.0) * _SHARE * (levels - mean)

"""Checks of a reel: what it cannot be unless the renderer has failed.

The leveller keeps the sum of all stems under its ceiling, a note that begins is heard, and no instrument has a mean.
What breaks one of these stays broken, for it lies in something that feeds back into itself: so a reel is not mended or
left out, but the renderer gives way to a new one, before the room has heard any of it.

Silence alone is no fault here: all layers may have been closed. The room's ear hears the rest of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import ReelError, SilentReelError
from engine.reels.format import REEL_FRAMES
from engine.sound.leveller import CEILING

PEAK: Final = 1.25 * CEILING
"""Of the sum, linear. The ceiling is kept to rounding; the rest is for what may yet be built."""
MEAN: Final = 0.03
"""Of the sum over a reel: -30 dB, where the room's own check begins. The lowest note's mean is a tenth of that."""
SILENT: Final = 10 ** (-90 / 20)


@dataclass
class ReelChecks:
    """Sees every reel before it is written, in order."""

    _begun: int = 0
    """Notes begun when the reel before was complete."""
    _begun_unheard: int = 0
    """Of those, how many began while it was cut, if it was silent."""

    def see(self, reel: NDArray[np.float32], notes_begun: int) -> None:
        """Look at float32[frames, channels]: stems as stereo pairs. Raises ReelError where it cannot be music.

        `notes_begun` counts notes from the start, up to the end of the reel and somewhat beyond: those that began with
        one silent reel must sound in the next.
        """
        mix = reel.reshape(len(reel), -1, 2).sum(axis=1)  # the tail, too: it is heard when no reel follows
        peak = float(np.abs(mix).max())
        if not np.isfinite(peak):
            raise ReelError("the sound holds what is no number")
        if peak > PEAK:
            raise ReelError(f"the sound peaks at {peak:.2f}, where the leveller keeps it under {CEILING:g}")
        played = mix[:REEL_FRAMES]
        mean = float(np.abs(played.mean(axis=0)).max())
        if mean > MEAN:
            raise ReelError(f"the sound has a mean of {mean:.2f}: a direct current")
        self._see_silence(float(np.abs(played).max()) < SILENT, notes_begun)

    def _see_silence(self, silent: bool, notes_begun: int) -> None:
        if silent and self._begun_unheard:
            raise SilentReelError(f"no sound, though {self._begun_unheard} notes began")
        self._begun_unheard = notes_begun - self._begun if silent else 0
        self._begun = notes_begun

"""Checks of a reel: what it cannot be unless the renderer has failed.

The leveller keeps the sum of all stems under its ceiling, a note that begins is heard, no instrument has a mean, and
what sounds dies away. What breaks one of these stays broken, for it lies in something that feeds back into itself: so a
reel is not mended or left out, but the renderer gives way to a new one, before the room has heard any of it.

A direct current that begins with the end of a reel has too small a mean there, and the next reel shows it; a note that
is not heard is known in the next reel, too. The caller then withdraws the reel before as well.

Silence alone is no fault here: all layers may have been closed. The room's ear hears the rest of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import CurrentReelError, ReelError, SilentReelError
from engine.reels.format import REEL_FRAMES
from engine.sound.leveller import CEILING

PEAK: Final = 1.25 * CEILING
"""Of the sum, linear. The ceiling is kept to rounding; the rest is for what may yet be built."""
MEAN: Final = 0.03
"""Of the sum over a reel: -30 dB, where the room's own check begins. The lowest note's mean is a tenth of that."""
SILENT: Final = 10 ** (-90 / 20)
BROKEN_OFF: Final = 10 ** (-54 / 20)
"""Of the sum within the `_LAST_FRAMES` before nothing at all. A layer that is closed by hand fades within a step of
4,096 frames: at the ceiling, its last eight are at -59 dB. What has filters or a room behind it never comes to
nothing."""
_LAST_FRAMES: Final = 8
_NOTHING_FRAMES: Final = 64
"""So many frames in which every stem is exactly 0; a wave passes 0 within one."""


@dataclass
class ReelChecks:
    """Sees every reel before it is written, in order."""

    _begun: int = 0
    """Notes begun when the reel before was complete."""
    _begun_unheard: int = 0
    """Of those, how many began while it was cut, if it was silent."""

    def see(self, reel: NDArray[np.float32], notes_begun: int) -> None:
        """Look at float32[frames, channels]: stems as stereo pairs. Raises ReelError where it cannot be music,
        CurrentReelError or SilentReelError where the reel before may be no better.

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
            raise CurrentReelError(f"the sound has a mean of {mean:.2f}: a direct current")
        if _breaks_off(reel, mix):
            raise ReelError("the sound breaks off")
        self._see_silence(float(np.abs(played).max()) < SILENT, notes_begun)

    def _see_silence(self, silent: bool, notes_begun: int) -> None:
        if silent and self._begun_unheard:
            raise SilentReelError(f"no sound, though {self._begun_unheard} notes began")
        self._begun_unheard = notes_begun - self._begun if silent else 0
        self._begun = notes_begun


def _breaks_off(reel: NDArray[np.float32], mix: NDArray[np.float32]) -> bool:
    """Whether all stems of `reel` come to nothing at once while their sum `mix` [frames, 2] sounds."""
    if reel[-_NOTHING_FRAMES:].any():
        return False
    sounding = np.flatnonzero(reel.any(axis=1))
    end = int(sounding[-1]) + 1 if sounding.size else 0
    return float(np.abs(mix[max(0, end - _LAST_FRAMES) : end]).max(initial=0.0)) > BROKEN_OFF

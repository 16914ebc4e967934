"""All layers of the installation: dry voices and textures in, finished stems out, one step at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.sound.layers.guard import peaks_of, silence_nonfinite
from engine.sound.layers.mixer import Mixer
from engine.sound.layers.table_readers import Reading

_NO_READINGS: Final[Mapping[str, Sequence[Reading]]] = {}


class Layers:
    """The same seed, settings and sound give the same result, bit for bit.

    What runs on by itself (floor noise, drone, wheels) depends on the number of the step alone, counted from
    `first_step`.
    """

    def __init__(self, seed: int = 1, root: str = "D", first_step: int = 0) -> None:
        self.nonfinite = 0
        """Stems silenced for a step because they held a NaN or infinity, so far."""
        self._seed, self._root = seed, root
        self._step = first_step
        self._mixer = Mixer(seed, root)

    def process(
        self,
        dry: NDArray[np.float32],
        values: Mapping[str, float],
        root: str,
        readings: Mapping[str, Sequence[Reading]] = _NO_READINGS,
    ) -> NDArray[np.float32]:
        """The stems of one step.

        `dry` is [2 x layers, STEP_FRAMES] as voices made it; `readings` say by stem what is read of textures;
        `values` holds every number of `engine.parameters.glide.GLIDING` by address; `root` is the scale's, for the
        drone. What is not finite in either is silenced in place. Returns [STEP_FRAMES, CHANNELS], as reels have it.
        """
        peaks = peaks_of(dry)
        if not np.isfinite(peaks).all():
            self.nonfinite += len(silence_nonfinite(dry))
            peaks = peaks_of(dry)
        for reading in (one for loops in readings.values() for one in loops):
            self.nonfinite += len(silence_nonfinite(reading.frames))
        out = self._mixer.process(dry, peaks, readings, values, root, self._step)
        if not self._mixer.finite:
            out = self._checked(out)
        self._step += 1
        return out

    def _checked(self, out: NDArray[np.float32]) -> NDArray[np.float32]:
        bad = silence_nonfinite(out.T)
        if bad:
            # A NaN in a feedback loop never leaves: build all anew, which costs the other stems their tails.
            self.nonfinite += len(bad)
            self._mixer.close()
            self._mixer = Mixer(self._seed, self._root)
        return out

    def close(self) -> None:
        """Give pyo's server back; the layers must not be used afterwards."""
        self._mixer.close()

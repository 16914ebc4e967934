"""Plans on their way: codes drawn, then made into levels, a little at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.textures.sampling_preset import SamplingPreset
from models.textures.spectral.calibration import calibrated
from models.textures.spectral.decoding import STEP_FRAMES
from models.textures.spectral.livening import livened
from models.textures.spectral.network_file import PlanNetwork
from models.textures.spectral.plan_drawing import PlanDrawing, conditions_for
from models.textures.spectral.transform import HOP, RATE_HZ

COLUMN_S: Final = STEP_FRAMES * HOP / RATE_HZ
EARLIER: Final = 94
"""Columns that are drawn and thrown away, 12 s: pieces begin, and a texture is in their midst."""
COLUMNS_AT_ONCE: Final = 16
"""Columns that are made into levels together: about a tenth of a second of work."""


class Planning:
    """One plan; it depends on (seed, stream) alone. `levels` [2 x frames x BANDS] of its `columns` are
    there once it is `done`."""

    def __init__(
        self,
        network: PlanNetwork,
        style: int,
        columns: int,
        seed: int,
        stream: int,
        scale: Sequence[int] | None,
        preset: SamplingPreset,
    ) -> None:
        conditions = conditions_for(network.sizes, style, scale)
        weights, bias = network.weights, network.calibration.get(network.sizes.styles[style])
        if preset.calibration and bias is not None:
            weights = calibrated(weights, bias, preset.calibration)
        self.drawing = PlanDrawing(
            weights,
            network.sizes,
            conditions,
            EARLIER + columns,
            seed,
            stream,
            preset.temperature,
            preset.guidance,
        )
        self._decoder, self._movement = network.decoder, preset.movement
        fine, whole = network.decoder.noise(EARLIER + columns, np.random.Generator(np.random.PCG64([seed, stream, 4])))
        self._noise = np.float32(preset.noise) * fine, np.float32(preset.noise) * whole
        self._parts: list[NDArray[np.float32]] = []

    @property
    def done(self) -> bool:
        return self.decoded >= len(self.drawing.codes)

    @property
    def decoded(self) -> int:
        """Columns that have been made into levels, or are not going to be."""
        return EARLIER + len(self._parts) * COLUMNS_AT_ONCE

    @property
    def progress(self) -> float:
        total = len(self.drawing.codes)
        return (self.drawing.column + min(self.decoded, total) - EARLIER) / (2 * total - EARLIER)

    @property
    def levels(self) -> NDArray[np.float32]:
        return livened(np.concatenate(self._parts, axis=1), self._movement)

    def advance(self, columns: int) -> None:
        """Draws some columns more, or, when all are drawn, makes some into levels."""
        if not self.drawing.done:
            self.drawing.advance(columns)
        elif not self.done:
            first, last = self.decoded, min(self.decoded + COLUMNS_AT_ONCE, len(self.drawing.codes))
            self._parts.append(self._decoder.part(self.drawing.codes, self._noise, first, last))

    def state(self) -> dict[str, NDArray[Any]]:
        return self.drawing.state()

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        self.drawing.restore(state)

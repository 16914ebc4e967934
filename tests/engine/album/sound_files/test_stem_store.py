"""Stems kept as they are made: late ones in their place, silent ones not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.album.sound_files.stem_store import StemReader, StemWriter
from engine.parameters.stems import CHANNELS, STEMS


def test_stems_come_back_as_they_went_in(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    steps = np.zeros((3, 512, CHANNELS), np.float32)
    piano, bells = 2 * STEMS.index("piano"), 2 * STEMS.index("bells")
    steps[:, :, piano : piano + 2] = rng.standard_normal((3, 512, 2))
    steps[2, :, bells] = 0.1
    steps[:, :, 8] = 1e-9
    with StemWriter(tmp_path / "stems") as writer:
        for step in steps:
            writer.add(step)
    reader = StemReader(tmp_path / "stems")
    assert reader.names == ("piano", "bells")
    assert reader.frames == 3 * 512
    assert np.array_equal(reader.stem("piano"), steps[:, :, piano : piano + 2].reshape(-1, 2))
    assert not reader.stem("bells")[: 2 * 512].any()
    assert np.allclose(reader.mix()[-1], steps[2, -1].reshape(-1, 2).sum(axis=0), atol=1e-6)

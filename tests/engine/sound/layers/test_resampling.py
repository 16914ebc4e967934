"""Parts of the graph at half the rate: what comes back is what went in, as long as it lies low."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.resampling import every_other_frame, thinned, whole

Sound = NDArray[np.float32]


@pytest.fixture
def server() -> Iterator[ManualServer]:
    made = ManualServer(2, seed=1)
    yield made
    made.close()


def there_and_back(server: ManualServer, sound: Sound) -> Sound:
    """The second of two equal steps of `sound` [STEP_FRAMES]."""
    source, (memory,) = server.source()
    memory[:] = sound
    with every_other_frame(source):
        inside = pyo.Sig(thinned(source), mul=0.5)
    parts = whole(inside)
    parts[-1].out()
    server.process()
    return server.process()[:, 0].copy()


def test_a_steady_number_does_not_waver(server: ManualServer) -> None:
    heard = there_and_back(server, np.full(STEP_FRAMES, 0.5, dtype=np.float32))
    assert np.abs(heard - 0.5).max() < 2e-6


@pytest.mark.parametrize("frequency_hz", [20 * SAMPLE_RATE_HZ / STEP_FRAMES, 340 * SAMPLE_RATE_HZ / STEP_FRAMES])
def test_what_lies_low_comes_back_with_images_far_above(server: ManualServer, frequency_hz: float) -> None:
    angles = 2 * np.pi * frequency_hz * np.arange(STEP_FRAMES) / SAMPLE_RATE_HZ
    heard = there_and_back(server, np.sin(angles).astype(np.float32))
    levels_db = 20 * np.log10(np.abs(np.fft.rfft(heard)) / (STEP_FRAMES / 2) + 1e-9)
    line = round(frequency_hz * STEP_FRAMES / SAMPLE_RATE_HZ)
    assert levels_db[line] == pytest.approx(0.0, abs=0.7)
    image = STEP_FRAMES // 2 - line
    assert levels_db[image] < -21
    others = np.delete(levels_db, [line, image])
    assert others.max() < -80


def test_what_is_made_afterwards_has_all_frames_even_after_an_error(server: ManualServer) -> None:
    source, (memory,) = server.source()
    memory[:] = np.arange(STEP_FRAMES) / STEP_FRAMES
    with pytest.raises(RuntimeError), every_other_frame(source):
        raise RuntimeError
    copy = pyo.Sig(source)
    copy.out()
    server.process()
    assert server.process()[:, 0] == pytest.approx(memory, abs=2e-6)

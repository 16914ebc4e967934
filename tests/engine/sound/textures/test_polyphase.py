"""Between two rates, as SciPy would do it, for any part of a sound."""

import numpy as np
import pytest
import scipy.signal

from engine.sound.textures.polyphase import upfirdn


@pytest.mark.parametrize(("up", "down"), [(3, 1), (2, 1), (160, 147), (3, 2), (1, 2), (1, 1)])
@pytest.mark.parametrize(("first", "count"), [(0, 500), (137, 301), (900, 64)])
def test_it_is_scipys(up: int, down: int, first: int, count: int) -> None:
    rng = np.random.default_rng(up + down)
    taps, sound = rng.standard_normal(65 * up), rng.standard_normal((2, 2000)).astype(np.float32)
    wanted = scipy.signal.upfirdn(taps, sound, up, down, axis=1)[:, first : first + count]
    found = upfirdn(taps, sound, up, down, first, count)
    assert found.dtype == np.float32
    assert np.abs(found - wanted).max() < 1e-5


def test_after_the_end_there_is_silence() -> None:
    found = upfirdn(np.ones(3), np.ones((1, 10), np.float32), 1, 2, 0, 20)
    assert found[0, :6].tolist() == [1, 3, 3, 3, 3, 2]
    assert not found[0, 6:].any()

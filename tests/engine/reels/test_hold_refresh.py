"""The hold loop that is refreshed from what was rendered lately."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ReelError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import HOLD_S, SMALL_HOLD_S
from engine.reels.hold_loop import CROSSFADE_S, check_hold_loop
from engine.reels.hold_refresh import FIRST_AFTER_S, REFRESH_EVERY_S, HoldRefresher

STEP = 48_000


def feed(keeper: HoldRefresher, seconds: float, level: float = 0.05) -> int:
    """How often a loop was written meanwhile."""
    rng, written = np.random.default_rng(1), 0
    for _ in range(round(seconds * SAMPLE_RATE_HZ / STEP)):
        keeper.add((level * rng.standard_normal((STEP, 2))).astype(np.float32))
        written += keeper.refresh()
    return written


@pytest.mark.parametrize("loop_s", [HOLD_S, SMALL_HOLD_S])
def test_loops_are_written_now_and_then_in_turn_and_can_be_played(tmp_path: Path, loop_s: float) -> None:
    keeper = HoldRefresher(tmp_path / "hold", loop_s)
    assert feed(keeper, FIRST_AFTER_S - 1) == 0
    assert keeper.path is None
    assert feed(keeper, 1) == 1
    first = keeper.path
    assert first is not None
    assert check_hold_loop(first, loop_s + 1).shape[0] == pytest.approx(loop_s * SAMPLE_RATE_HZ, rel=0.1)
    assert feed(keeper, REFRESH_EVERY_S) == 1
    assert keeper.path not in (None, first)
    assert sum(len(mix) for mix in keeper._lately) <= (loop_s + CROSSFADE_S + 1) * SAMPLE_RATE_HZ


def test_silence_is_no_hold_loop_and_the_last_good_one_stays(tmp_path: Path) -> None:
    keeper = HoldRefresher(tmp_path)
    feed(keeper, FIRST_AFTER_S)
    good = keeper.path
    with pytest.raises(ReelError, match="silent"):
        feed(keeper, REFRESH_EVERY_S, level=0.0)
    assert keeper.path == good

"""What a renderer may send out, and what it must not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ReelError
from engine.parameters.stems import CHANNELS
from engine.reels.checks import MEAN, ReelChecks
from engine.reels.format import REEL_FRAMES, TAIL_FRAMES
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.leveller import CEILING, Leveller

SHAPE = (REEL_FRAMES + TAIL_FRAMES, CHANNELS)


def reel(value: float = 0.0) -> np.ndarray:
    return np.full(SHAPE, value, np.float32)


def music(level: float = 0.01) -> np.ndarray:
    return np.random.default_rng(1).normal(0.0, level, SHAPE).astype(np.float32)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (reel(float("nan")), "no number"),
        (reel(float("inf")), "no number"),
        (music(1.0), "peaks at"),
        (reel(0.05), "mean of 0.65"),
        (music() - np.float32(1.5 * MEAN / 10), "mean of"),
    ],
)
def test_what_is_no_music_is_refused_at_once(bad: np.ndarray, said: str) -> None:
    judge = ReelChecks()
    judge.see(music(), 0)
    with pytest.raises(ReelError, match=said):
        judge.see(bad, 0)


@pytest.mark.parametrize(("value", "said"), [(1.0, "peaks at"), (float("nan"), "no number")])
def test_what_begins_in_the_tail_is_refused_for_the_tail_is_heard_when_no_reel_follows(value: float, said: str) -> None:
    late = music()
    late[REEL_FRAMES:] += np.float32(value)
    with pytest.raises(ReelError, match=said):
        ReelChecks().see(late, 0)


def test_one_number_that_is_none_is_enough() -> None:
    bad = music()
    bad[100, 7] = np.nan
    with pytest.raises(ReelError, match="no number"):
        ReelChecks().see(bad, 0)


def test_silence_without_a_note_is_no_fault_however_long() -> None:
    """All layers may have been closed, and notes on closed layers do not count."""
    judge = ReelChecks()
    judge.see(music(), 5)
    for _ in range(100):
        judge.see(reel(), 5)


def test_a_note_that_began_in_one_silent_reel_must_sound_in_the_next() -> None:
    judge = ReelChecks()
    judge.see(music(), 5)
    judge.see(reel(), 5)
    judge.see(reel(), 6)  # it may begin with the very end of what was seen
    judge.see(music(), 6)
    judge.see(reel(), 7)
    with pytest.raises(ReelError, match="though 1 notes began"):
        judge.see(reel(), 7)


@given(level_db=st.floats(-80.0, 40.0), seed=st.integers(0, 1000))
def test_whatever_the_leveller_lets_through_is_accepted(level_db: float, seed: int) -> None:
    steps, random = REEL_FRAMES // STEP_FRAMES, np.random.default_rng(seed)
    leveller = Leveller(STEP_FRAMES)
    stems = random.normal(0.0, 10 ** (level_db / 20), (steps, STEP_FRAMES, CHANNELS)).astype(np.float32)
    stems[: steps // 2] *= np.float32(0.01)  # so that it starts loud
    for step in stems:
        leveller.process(step)
    played = stems.reshape(-1, CHANNELS)
    assert np.abs(played.reshape(len(played), -1, 2).sum(axis=1)).max() < CEILING * 1.01
    ReelChecks().see(played, 0)

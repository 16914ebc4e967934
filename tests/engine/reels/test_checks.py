"""What a renderer may send out, and what it must not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import CurrentReelError, ReelError
from engine.parameters.stems import CHANNELS
from engine.reels.checks import BROKEN_OFF, MEAN, ReelChecks
from engine.reels.cutter import ReelCutter
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


FAILURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "a direct current": lambda step: step + np.float32(0.01),
    "a weak direct current": lambda step: step + np.float32(1.5 * MEAN / (CHANNELS // 2)),
    "nothing": lambda step: 0 * step,
    "a roar": lambda step: 200 * step,
    "no numbers": lambda step: np.nan * step,
}


def sent_to_the_room(steps: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The reels that a renderer makes of these steps and has not withdrawn when it gives way."""
    cutter, judge, sent = ReelCutter(), ReelChecks(), []
    for number, step in enumerate(steps):
        reel = cutter.add(step)
        if reel is None:
            continue
        try:
            judge.see(reel, number)
        except CurrentReelError:
            return sent[:-1]
        except ReelError:
            return sent
        sent.append(reel)
    raise AssertionError("it has not given way")


@pytest.mark.parametrize("first", range(12, 18))
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_in_whichever_step_it_begins_the_room_gets_none_of_it(
    failure: Callable[[np.ndarray], np.ndarray], first: int
) -> None:
    """A current that begins with the last step of a reel, or with its tail, is seen in the next only."""
    whole = np.random.default_rng(2).normal(0.0, 0.01, (30, STEP_FRAMES, CHANNELS)).astype(np.float32)
    sent = sent_to_the_room(failure(step) if number >= first else step for number, step in enumerate(whole))
    heard = np.concatenate([*(reel[:REEL_FRAMES] for reel in sent), sent[-1][REEL_FRAMES:]])
    assert np.array_equal(heard, whole.reshape(-1, CHANNELS)[: len(heard)])


def test_what_fades_dies_away_or_is_silent_does_not_break_off() -> None:
    fade = np.ones(len(music()), np.float32)
    fade[:STEP_FRAMES] = np.linspace(1.0, 0.0, STEP_FRAMES)
    fade[STEP_FRAMES:] = 0.0
    loud = np.full(SHAPE, 0.5 * CEILING, np.float32) * np.where(np.arange(len(fade)) // 400 % 2, -1, 1)[:, None]
    loud[:, 2:] = 0.0
    faint = loud.copy()
    faint[STEP_FRAMES:] *= BROKEN_OFF / CEILING * 1e-6  # what filters still hold
    for sound in (loud * fade[:, None], faint, reel()):
        ReelChecks().see(sound.astype(np.float32), 0)
    with pytest.raises(ReelError, match="breaks off"):
        ReelChecks().see(loud * (fade > 0)[:, None].astype(np.float32), 0)


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

"""The reversed piano swells up to each note, in time, and gives way gently when the future changes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.music.notes import Note, Score
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.reverse_reverb import LEAD_FRAMES, STEP_FRAMES, ReverseReverb, reversed_response
from engine.sound.voices.band import SoundModule, open_module
from tests.engine.sounds import INSTRUMENTS, rms, score

Queue = list[tuple[int, Score, dict[str, str]]]


@pytest.fixture
def module() -> Iterator[SoundModule]:
    made, _ = open_module(None, ("piano",))
    yield made
    made.close()


def queue(*onsets_s: float, start_frame: int = 0) -> Queue:
    return [(start_frame, score(*(Note(onset_s, 60, 0.5, 90) for onset_s in onsets_s)), INSTRUMENTS)]


def render(reverse: ReverseReverb, steps: int, scheduled: Queue, first_frame: int = 0) -> np.ndarray:
    pieces = [reverse.render(first_frame + n * STEP_FRAMES, True, scheduled) for n in range(steps)]
    return np.concatenate([piece for piece in pieces if piece is not None], axis=1)


def test_sound_grows_towards_the_note_and_is_gone_after_it(module: SoundModule) -> None:
    audio = render(ReverseReverb(module, 1), 60, queue(3.5))
    struck = round(3.5 * SAMPLE_RATE_HZ)
    levels = [rms(audio[:, struck - n * 24_000 : struck - (n - 1) * 24_000]) for n in (5, 4, 3, 2, 1)]
    assert levels == sorted(levels)
    assert levels[-1] > 8 * levels[0]
    assert rms(audio[:, struck + SAMPLE_RATE_HZ :]) < 0.2 * levels[-1]


def test_it_equals_reversing_drowning_and_reversing_back(module: SoundModule) -> None:
    """A click in place of the piano makes the response itself audible, at its place."""

    class Click:
        frame = 0

        def __getattr__(self, name: str) -> object:
            return lambda *arguments: None

        def render(self, out: np.ndarray) -> None:
            out[:] = 0.0
            if self.frame <= LEAD_FRAMES + 1000 < self.frame + out.shape[1]:
                out[:, LEAD_FRAMES + 1000 - self.frame] = 1.0
            self.frame += out.shape[1]

    audio = render(ReverseReverb(Click(), 3), 60, [])  # type: ignore[arg-type]
    heard = audio[:, 1000 : 1000 + LEAD_FRAMES]
    assert np.corrcoef(heard[0], reversed_response(3)[0])[0, 1] > 0.99


def test_asleep_it_is_nothing_and_it_wakes_softly(module: SoundModule) -> None:
    reverse, scheduled = ReverseReverb(module, 1), queue(0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    assert reverse.render(0, False, scheduled) is None
    audio = render(reverse, 10, scheduled)
    assert rms(audio) > 1e-4
    assert np.abs(audio[:, :200]).max() < 0.1 * np.abs(audio).max()


def test_a_changed_future_is_crossfaded_into(module: SoundModule) -> None:
    reverse, first = ReverseReverb(module, 1), queue(*np.arange(0.2, 8, 0.3))
    before = render(reverse, 12, first)
    now = 12 * STEP_FRAMES
    later = queue(2.0, start_frame=now)
    reverse.restart(now, later)
    after = render(reverse, 40, later, now)
    joined = np.concatenate([before, after], axis=1)
    usual = np.abs(np.diff(before[:, STEP_FRAMES:])).max()
    assert np.abs(np.diff(joined[:, now - 100 : now + 100])).max() <= 1.2 * usual
    struck = 2 * SAMPLE_RATE_HZ
    assert rms(after[:, struck - 9600 : struck]) > 3 * rms(after[:, struck + 48_000 :])

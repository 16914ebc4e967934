"""Drawings keep to the pace and the scale that were asked for."""

import numpy as np
import pytest

from models.common.weights import weights_path
from models.performers.drawing.density_control import LONGEST_PATIENCE_S, MOST_PULL, WINDOW_S, DensityControl
from models.performers.drawing.performer import Conditioning, Performer
from models.performers.drawing.sampling import Keyboard
from models.performers.vocabulary.events import NOTE_OFF, NOTE_ON, TIME_SHIFT, VELOCITY


def played(pace: DensityControl, notes_per_s: float, until_s: float) -> float:
    """The wish after playing that evenly."""
    for onset_s in np.arange(0.0, until_s, 1.0 / notes_per_s):
        pace.struck(float(onset_s))
    return pace.density_to_ask(until_s)


def test_it_asks_for_what_was_asked_while_that_is_played() -> None:
    assert DensityControl(2.0).density_to_ask(0.5) == 2.0
    assert played(DensityControl(2.0), 2.0, 20.0) == pytest.approx(2.0, rel=0.1)


def test_it_asks_for_more_after_a_thin_stretch_and_for_less_after_a_busy_one() -> None:
    assert played(DensityControl(2.0), 1.0, 20.0) > 3.0
    assert played(DensityControl(2.0), 4.0, 20.0) < 1.2
    assert played(DensityControl(2.0), 50.0, 20.0) == pytest.approx(2.0 / MOST_PULL)
    assert DensityControl(2.0).density_to_ask(WINDOW_S) == pytest.approx(2.0 * MOST_PULL)


def test_waits_may_last_now_shorter_and_now_longer_and_less_where_more_is_asked() -> None:
    calm, busy = (np.array([pace.patience_s() for _ in range(2_000)]) for pace in map(DensityControl, (1.0, 6.0)))
    assert 1.5 <= calm.min() < 1.6
    assert calm.max() == LONGEST_PATIENCE_S
    assert np.median(busy) < 0.4 * np.median(calm)
    assert busy.std() > 0.5
    other = DensityControl(1.0, np.random.default_rng(7))
    assert [other.patience_s() for _ in range(3)] != calm[:3].tolist()


def test_a_keyboard_whose_patience_is_over_takes_only_a_note() -> None:
    keyboard = Keyboard(lambda: 2.0)
    keyboard.take(NOTE_ON + 60)
    for _ in range(2):
        keyboard.take(TIME_SHIFT + 99)
        assert keyboard.playable()[TIME_SHIFT:VELOCITY].all()
    keyboard.take(TIME_SHIFT)
    playable = np.flatnonzero(keyboard.playable())
    assert all(event < NOTE_OFF or VELOCITY <= event < VELOCITY + 32 for event in playable)
    keyboard.take(NOTE_ON + 64)
    assert keyboard.playable()[TIME_SHIFT:VELOCITY].all()


@pytest.mark.parametrize("asked", [0.9, 3.0])
def test_shipped_performers_play_as_sparsely_as_they_are_asked(asked: float, shipped: Performer) -> None:
    phrases = [shipped.draw(seed, Conditioning(phrase_s=15.0, density_notes_per_s=asked)) for seed in range(6)]
    assert all(len(phrase.notes) >= 4 for phrase in phrases)
    assert 0.6 * asked < sum(len(p.notes) for p in phrases) / sum(p.notes[-1].onset_s for p in phrases) < 1.6 * asked
    for phrase in phrases:
        waits_s = np.diff([note.onset_s for note in phrase.notes])
        assert waits_s.max() < LONGEST_PATIENCE_S + 1.1


@pytest.fixture(scope="module", params=["satie", "satie_transformer"])
def shipped(request: pytest.FixtureRequest) -> Performer:
    return Performer(request.param, weights_path(request.param))


def test_a_scale_is_kept_before_anything_is_quantised(shipped: Performer) -> None:
    d_major = (0.1, 0.5, 1.0, 0.1, 0.5, 0.1, 0.75, 0.5, 0.1, 0.85, 0.1, 0.5)

    def share_foreign(weights: tuple[float, ...] | None) -> float:
        conditioning = Conditioning(phrase_s=10.0, density_notes_per_s=3.0, pitch_class_weights=weights)
        pitches = [note.pitch for seed in range(4) for note in shipped.draw(seed, conditioning).notes]
        return sum(d_major[pitch % 12] < 0.5 for pitch in pitches) / len(pitches)

    assert share_foreign(d_major) < min(0.1, 0.5 * share_foreign(None))

"""Ticks as seconds."""

import numpy as np
import pytest

from engine.music.midi.tempo_map import TempoMap


def test_before_at_and_after_changes_of_tempo() -> None:
    clock = TempoMap(100, [(0, 1_000_000), (200, 500_000), (400, 2_000_000)])
    assert clock.seconds(np.array([0.0, 100, 200, 300, 400, 500])) == pytest.approx([0, 1, 2, 2.5, 3, 5])


def test_film_frames_know_no_tempo() -> None:
    clock = TempoMap(-(25 << 8) + 40, [(0, 1)])
    assert clock.seconds(np.array([1_000.0])) == pytest.approx([1.0])

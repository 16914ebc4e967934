"""The chorus alone: two copies that glide against each other."""

from __future__ import annotations

import numpy as np

from engine.sound.layers.effects.chorus import Chorus
from engine.sound.layers.manual_server import STEP_FRAMES
from tests.engine.sound.layers.insert_bench import INAUDIBLE, insert_bench, tone


def test_at_nought_sound_goes_through_as_it_is() -> None:
    sound = tone(440.0, 0.5, 4)
    with insert_bench(Chorus) as bench:
        assert np.abs(bench.play(sound, {"chorus": 0.0, "chorus_depth_ms": 4.0}) - sound).max() < INAUDIBLE


def test_sides_that_were_alike_go_apart_as_deep_as_they_glide() -> None:
    def apart(depth_ms: float) -> float:
        with insert_bench(Chorus) as bench:
            heard = bench.play(tone(440.0, 0.5, 24), {"chorus": 1.0, "chorus_depth_ms": depth_ms})[4 * STEP_FRAMES :]
        return float(np.abs(heard[:, 0] - heard[:, 1]).max())

    assert apart(4.0) > 0.3
    assert apart(0.0) < 1e-5, "the control: copies that stand still are one"

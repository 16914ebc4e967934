"""A low cut of weighted poles against Butterworth's filter in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.poles import Poles, low_cut
from engine.sound.layers.quiet_pyo import pyo

Sound = NDArray[np.float64]
STEPS = 24
SETTLED = slice(4 * STEP_FRAMES, None)
"""After the weights' ramp, and what is left of it below 20 Hz."""


def played(make: Callable[[Any], Any], sound: Sound, before_step: Callable[[], None] = lambda: None) -> Sound:
    server = ManualServer(1, seed=1)
    try:
        source, (memory,) = server.source()
        out = make(source)
        out.out()
        heard = []
        for start in range(0, len(sound), STEP_FRAMES):
            memory[:] = sound[start : start + STEP_FRAMES]
            before_step()
            heard.append(server.process()[:, 0].copy())
        return np.concatenate(heard).astype(np.float64)
    finally:
        server.close()


def cut_by_poles(cut_hz: float, sound: Sound) -> Sound:
    made: dict[str, Any] = {}

    def make(source: Any) -> Any:
        made["poles"] = Poles(source)
        made["poles"].ready(low_cut(cut_hz))
        made["out"] = pyo.Sig(source, mul=low_cut(cut_hz).direct)
        return made["out"]

    def before_step() -> None:
        made["poles"].fade_in()
        made["out"].setAdd(made["poles"].heard())

    return played(make, sound, before_step)


def exactly(cut_hz: float, sound: Sound) -> Sound:
    filtered = sosfilt(butter(2, cut_hz, "high", fs=SAMPLE_RATE_HZ, output="sos"), sound.astype(np.float32))
    return np.asarray(filtered, dtype=np.float64)


def error_db(heard: Sound, wanted: Sound) -> float:
    wrong = np.mean((heard[SETTLED] - wanted[SETTLED]) ** 2)
    return float(10 * np.log10(wrong / np.mean(wanted[SETTLED] ** 2)))


@pytest.mark.parametrize("cut_hz", [25.0, 60.0, 400.0, 2000.0])
def test_noise_is_cut_as_in_double_precision(cut_hz: float) -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(STEPS * STEP_FRAMES)
    heard = cut_by_poles(cut_hz, noise)
    assert error_db(heard, exactly(cut_hz, noise)) < -90
    assert error_db(heard, exactly(1.2 * cut_hz, noise)) > -50


def test_a_low_note_is_cut_more_exactly_than_by_pyos_filter() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 55.0 * np.arange(STEPS * STEP_FRAMES) / SAMPLE_RATE_HZ)
    wanted = exactly(60.0, tone)
    own = error_db(cut_by_poles(60.0, tone), wanted)
    theirs = error_db(played(lambda source: pyo.ButHP(source, freq=60.0), tone), wanted)
    assert own < -85 < theirs


def test_direct_current_goes() -> None:
    heard = cut_by_poles(60.0, np.full(STEPS * STEP_FRAMES, 0.5))
    assert np.abs(heard[SETTLED]).max() < 0.5 * 10 ** (-80 / 20)


def test_asleep_it_adds_nothing_and_it_is_ready_a_step_after_it_woke() -> None:
    server = ManualServer(1, seed=1)
    try:
        source, _ = server.source()
        poles = Poles(source)
        assert poles.heard() is None
        assert [poles.ready(low_cut(100.0)), poles.ready(low_cut(100.0))] == [False, True]
        poles.fade_in()
        assert poles.heard() is poles.faded
        for _ in range(3):
            poles.fade_out(keep=False)
        assert poles.heard() is None
    finally:
        server.close()

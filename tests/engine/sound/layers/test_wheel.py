"""Slow sines that are met again wherever a replay begins."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.effects.chorus import Chorus
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo
from engine.sound.layers.wheel import Wheels


@pytest.fixture
def server() -> Iterator[ManualServer]:
    made = ManualServer(1, seed=1)
    yield made
    made.close()


@pytest.mark.parametrize("step", [0, 3, 100_000])
def test_where_a_wheel_stands_follows_from_the_frame_alone(server: ManualServer, step: int) -> None:
    wheels = Wheels(server.frame)
    heard = pyo.Sig(wheels.at(0.55, 0.25))
    heard.out()
    server.settle()
    wheels.turn(step)
    frames = step * STEP_FRAMES + np.arange(STEP_FRAMES)
    expected = np.sin(2 * np.pi * (0.25 + 0.55 * frames / SAMPLE_RATE_HZ))
    assert server.process()[:, 0] == pytest.approx(expected, abs=1e-4)


def test_strips_share_the_wheels_of_one_kind(server: ManualServer) -> None:
    wheels = Wheels(server.frame)
    assert wheels.at(0.31) is wheels.at(0.31)
    assert wheels.at(0.31) is not wheels.at(0.31, 0.5)


def test_a_wheel_rests_while_nobody_uses_it_and_comes_back_where_it_would_be(server: ManualServer) -> None:
    wheels = Wheels(server.frame)
    heard = pyo.Sig(wheels.at(0.55))
    heard.out()
    server.settle()
    wheels.use("tape", True)
    wheels.use("tape", False)
    wheels.turn(6)
    assert np.abs(server.process()[:, 0]).max() == 0.0
    wheels.turn(7)
    wheels.use("tape", True)
    frames = 7 * STEP_FRAMES + np.arange(STEP_FRAMES)
    assert server.process()[:, 0] == pytest.approx(np.sin(2 * np.pi * 0.55 * frames / SAMPLE_RATE_HZ), abs=1e-4)


def test_one_that_has_been_awake_from_the_start_keeps_wheels_turning_while_another_falls_asleep(
    server: ManualServer,
) -> None:
    wheels = Wheels(server.frame)
    source = pyo.Sig(0.1)
    awake, asleep = Chorus(source, wheels), Chorus(source, wheels)
    heard = pyo.Sig(wheels.at(0.31))
    heard.out()
    server.settle()
    wheels.turn(5)
    awake.set({"chorus": 0.5, "chorus_depth_ms": 3.0})
    asleep.set({"chorus": 0.0, "chorus_depth_ms": 3.0})
    frames = 5 * STEP_FRAMES + np.arange(STEP_FRAMES)
    assert server.process()[:, 0] == pytest.approx(np.sin(2 * np.pi * 0.31 * frames / SAMPLE_RATE_HZ), abs=1e-4)

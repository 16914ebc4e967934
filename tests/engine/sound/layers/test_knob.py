"""A number of the graph that never jumps, and costs nothing while it rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from engine.parameters.stems import BLOCK_FRAMES
from engine.sound.layers.knob import Knob
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo


@pytest.fixture
def server() -> Iterator[ManualServer]:
    made = ManualServer(1, seed=1)
    yield made
    made.close()


def test_it_reaches_its_target_in_exactly_one_step_on_a_ramp(server: ManualServer) -> None:
    knob = Knob(0.25)
    heard = pyo.Sig(1.0, mul=0.0)
    knob.moves(heard.setMul)
    heard.out()
    assert np.allclose(server.process(), 0.25)
    knob.set(0.75)
    ramp = server.process()[:, 0]
    assert np.abs(np.diff(ramp)).max() < 2 * 0.5 / STEP_FRAMES
    assert np.diff(ramp).min() >= 0.0
    assert ramp[-1] == pytest.approx(0.75, abs=0.5 * BLOCK_FRAMES / STEP_FRAMES)
    knob.set(0.75)
    assert np.allclose(server.process(), 0.75)


def test_at_rest_it_is_a_plain_number(server: ManualServer) -> None:
    told: list[Any] = []
    knob = Knob((0.0, 1.0))
    knob.moves(told.append)
    assert told == [[0.0, 1.0]]
    knob.set((1.0, 0.0))
    assert isinstance(told[-1], pyo.SigTo)
    server.process()
    knob.set((1.0, 0.0))
    assert told[-1] == [1.0, 0.0]


def test_only_who_has_arrived_at_nought_rests_there(server: ManualServer) -> None:
    knob = Knob(1.0)
    assert not knob.at_rest_at_zero
    knob.set(0.0)
    assert not knob.at_rest_at_zero, "it is on its way"
    server.process()
    knob.set(0.0)
    assert knob.at_rest_at_zero

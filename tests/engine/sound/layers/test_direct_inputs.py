"""Objects that read their inputs themselves sound as those that copy them first, and rest without them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from engine.sound.layers.direct_inputs import direct_inputs
from engine.sound.layers.manual_server import STEP_FRAMES, ManualServer
from engine.sound.layers.quiet_pyo import pyo

NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, STEP_FRAMES).astype(np.float32)


@pytest.fixture
def server() -> Iterator[ManualServer]:
    server = ManualServer(2, seed=1)
    yield server
    server.close()


def test_what_is_made_within_sounds_the_same_and_has_no_fader(server: ManualServer) -> None:
    source, (memory,) = server.source()
    copying = pyo.ButLP(source, freq=900.0).out(0)
    with direct_inputs():
        direct = pyo.ButLP(source, freq=900.0).out(1)
    after = pyo.ButLP(source, freq=900.0)
    memory[:] = NOISE
    heard = server.process()
    assert heard[:, 0].tobytes() == heard[:, 1].tobytes()
    assert heard.any()
    assert isinstance(copying._in_fader, pyo.InputFader)
    assert isinstance(after._in_fader, pyo.InputFader)
    assert not isinstance(direct._in_fader, pyo.InputFader)


def test_its_source_plays_on_while_it_rests(server: ManualServer) -> None:
    source, (memory,) = server.source()
    memory[:] = NOISE
    with direct_inputs():
        rests = [pyo.ButLP(one, freq=900.0) for one in (source, source[0], [source[0]])]
    heard = pyo.Sig(source).out(0)
    for one in rests:
        one.stop()
    assert server.process()[:, 0].any()
    assert heard.isOutputting()

"""What the web process knows of the hub: all of it, again and again, and nothing of anybody else's."""

from __future__ import annotations

import time

from engine.hub.oscquery.mirror import HubMirror
from engine.osc.port import LOOPBACK
from tests.engine.hub_bench import Bench

PAN = "/layer/cello/pan"


def exchange(bench: Bench, mirror: HubMirror) -> None:
    for _ in range(12):
        bench.later(0.05)
        time.sleep(0.002)
        mirror.take()


def test_it_is_told_everything_and_then_what_is_new(bench: Bench) -> None:
    heard: list[str] = []
    mirror = HubMirror(bench.hub.osc.port, lambda path, _: heard.append(path))
    mirror.ask()
    exchange(bench, mirror)
    assert mirror.values == {**{p: (v,) for p, v in bench.hub.state.values.items()}, **bench.hub.subscribers.shown}
    heard.clear()
    mirror.send(PAN, 0.3)
    exchange(bench, mirror)
    assert mirror.values[PAN] == (0.3,), "and not 0.30000001, as 32 bits have it"
    assert PAN in heard
    mirror.close()


def test_strangers_are_not_believed(bench: Bench) -> None:
    mirror = HubMirror(bench.hub.osc.port)
    bench.controller.send((LOOPBACK, mirror.osc.port), PAN, 0.9)
    time.sleep(0.01)
    mirror.take()
    assert mirror.values == {}
    mirror.close()

"""Too much, and anything: floods of messages, and whatever may come to any address."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.hub.hub import MOST_PER_STEP
from engine.hub.presence.settings import sensors_path
from engine.osc.port import LOOPBACK, Message
from engine.parameters.addresses import TABLE
from engine.parameters.mood_store import MoodStore
from tests.engine.hub_bench import Bench


def test_a_flood_of_one_fader_reaches_the_renderer_thirty_times_a_second_with_the_last_value(bench: Bench) -> None:
    for i in range(300):
        bench.now_s += 0.001
        bench.say("/layer/cello/pan", i / 300)
    bench.later(0.1)
    time.sleep(0.005)
    values = [item.arguments[0] for item in bench.renderer.received(1000) if isinstance(item, Message)]
    assert 8 <= len(values) <= 12
    assert values[-1] == pytest.approx(299 / 300, rel=1e-4)


def test_a_flood_is_taken_in_portions_and_reports_within_it_are_heard(bench: Bench) -> None:
    """One step reads so much and no more, so that whoever floods keeps nothing else from happening."""
    for _ in range(MOST_PER_STEP):
        bench.controller.send((LOOPBACK, bench.hub.osc.port), "/phrase/next")
    bench.renderer.send((LOOPBACK, bench.hub.osc.port), "/renderer/lead", 3.0)
    time.sleep(0.05)
    bench.hub.step()
    assert bench.hub.counts["packets"] == MOST_PER_STEP
    assert "/reel/lead" not in bench.hub.subscribers.shown
    bench.hub.step()
    assert bench.hub.subscribers.shown["/reel/lead"] == (3.0,)


WORDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.text(max_size=12),
    st.binary(max_size=8),
    st.sampled_from(["/layer/cello/pan", "/undo", "none", "../x", "night"]),
)


def test_whatever_comes_to_any_address_is_done_or_refused_and_nothing_else(tmp_path: Path) -> None:
    store = MoodStore(tmp_path)
    (tmp_path / "mine.yaml").write_text("title: Mine\n")
    bench = Bench(store, "mine", sensors=sensors_path("visitors"), kept=tmp_path / "kept")

    @settings(max_examples=600)
    @given(st.sampled_from(sorted({*TABLE, "/sensor/people", "/renderer/visitor"})), st.lists(WORDS, max_size=4))
    def check(path: str, arguments: list[object]) -> None:
        bench.hub._take(Message(path, tuple(arguments), ("192.168.1.9", 4000)))
        bench.later(0.5)

    check()
    assert bench.hub.counts["refused"] > 100
    assert {path.name for path in tmp_path.iterdir()} <= {"mine.yaml", "kept", ".previous"} | {
        f"{name}.yaml" for name in store.names()
    }
    bench.close()

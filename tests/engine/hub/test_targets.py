"""Controllers that send from one port and listen on another are told where they want to be told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.hub.memory import HubMemory, memory_of, restore
from engine.hub.targets import LASTS_S, LOOK_S, MOST_TARGETS
from engine.osc.port import LOOPBACK, OscPort
from tests.engine.hub_bench import Bench

PAN = "/layer/cello/pan"


@pytest.fixture
def ear() -> Iterator[OscPort]:
    one = OscPort(LOOPBACK, 0)
    yield one
    one.close()


def told(bench: Bench, ear: OscPort, value: float) -> bool:
    """Whether the ear hears what the controller sets."""
    bench.got(ear)
    bench.say(PAN, value)
    bench.later(0.1)
    return PAN in bench.got(ear)


@pytest.mark.parametrize("with_host", [True, False])
def test_another_port_is_told_everything_and_goes_on_being_told(bench: Bench, ear: OscPort, with_host: bool) -> None:
    assert not told(bench, ear, 0.1), "the control"
    bench.say("/subscribe", *((LOOPBACK,) if with_host else ()), ear.port)
    while bench.hub.subscribers.dumping:
        bench.hub.step()
    assert set(bench.hub.state.values) <= set(bench.got(ear))
    for minute in range(3):
        bench.later(60.0)
        assert told(bench, ear, 0.2 + minute / 10), "longer than a subscription lasts"
    bench.say("/unsubscribe", *((LOOPBACK,) if with_host else ()), ear.port)
    assert not told(bench, ear, 0.9)


def test_it_lasts_for_an_hour_after_the_last_message_from_there(bench: Bench, ear: OscPort) -> None:
    bench.say("/subscribe", ear.port)
    for _ in range(3):
        bench.later(LASTS_S * 0.9)
        bench.say(PAN, 0.5)
    assert told(bench, ear, 0.6)
    bench.later(LASTS_S + LOOK_S + 1.0)
    bench.later(20.0)
    assert not told(bench, ear, 0.7)


@pytest.mark.parametrize(
    "arguments", [(), ("localhost", 9000), ("8.8.8.8", 9000), (LOOPBACK, 70_000), (0,), (LOOPBACK, "x"), (1, 2, 3)]
)
def test_what_is_no_target_is_refused(bench: Bench, arguments: tuple[object, ...]) -> None:
    """Nor may anybody have the installation send to where nobody asked for it."""
    bench.say("/subscribe", *arguments)
    assert "/subscribe" in str(bench.got(bench.controller)["/error"])
    assert not bench.hub.subscribers.subscribers


def test_targets_are_bounded(bench: Bench) -> None:
    for number in range(MOST_TARGETS + 1):
        bench.say("/subscribe", 20_000 + number)
    assert "targets are told already" in str(bench.got(bench.controller)["/error"])
    assert len(bench.hub.subscribers.subscribers) == MOST_TARGETS


def test_a_file_names_those_that_are_always_told(tmp_path: Path, ear: OscPort) -> None:
    bench = Bench(kept=tmp_path)
    file = tmp_path / "targets.yaml"
    file.write_text(f'targets: ["{LOOPBACK}:{ear.port}"]\n', "utf-8")
    bench.later(LOOK_S)
    assert told(bench, ear, 0.3)
    file.write_text("targets: [nonsense]\n", "utf-8")
    bench.later(LOOK_S)
    assert bench.troubles[-1][0] == "/subscribe"
    assert "expected an address and a port" in bench.troubles[-1][1]
    bench.later(LASTS_S)
    bench.later(LOOK_S)
    assert told(bench, ear, 0.4), "those of before are told"
    file.unlink()
    bench.later(LOOK_S)
    bench.later(20.0)
    assert not told(bench, ear, 0.5)
    bench.close()


def test_the_next_hub_goes_on_telling(bench: Bench, ear: OscPort, tmp_path: Path) -> None:
    bench.say("/subscribe", ear.port)
    memory = HubMemory(tmp_path / "hub.json")
    memory.write(memory_of(bench.hub, None))
    other = Bench(mood=bench.mood)
    restore(other.hub, None, memory.take())
    other.later(60.0)
    assert told(other, ear, 0.3)
    other.close()

"""OSC as controllers really send it, through the hub."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.hub.oscquery.tree import node_at
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import TABLE
from engine.parameters.stems import STEMS
from tests.engine.hub_bench import Bench
from tests.engine.osc.test_elements import bundle, encode, message

SENSORS = """title: T
sensors:
  door: {rise_s: 0}
  hall: {rise_s: 0}
  bed: {rise_s: 0}
effects:
  - {sensor: door, parameter: /room/level_db, by: -6}
"""
LEVEL = "/layer/cello/level_db"


@pytest.fixture
def bench() -> Iterator[Bench]:
    one = Bench()
    yield one
    one.close()


def send(bench: Bench, packet: bytes) -> None:
    bench.controller.socket.sendto(packet, (LOOPBACK, bench.hub.osc.port))
    time.sleep(0.01)
    bench.hub.step()


def test_an_unknown_type_leaves_the_value_untouched(bench: Bench) -> None:
    bench.say(LEVEL, -21.0)
    send(bench, message(LEVEL, "cf", b"\x00\x00\x00a" + struct.pack(">f", -12.0)))
    assert bench.hub.state.values[LEVEL] == -21.0
    assert bench.hub.counts["bad_packets"] == 1
    assert "unknown type 'c'" in str(bench.got(bench.controller)["/error"])


def test_a_bundle_for_later_is_acted_on_later(bench: Bench) -> None:
    bench.say(LEVEL, -21.0)
    send(bench, bundle(encode(LEVEL, [-30.0]), unix_s=time.time() + 0.2))
    assert bench.hub.state.values[LEVEL] == -21.0
    assert bench.hub.due_s <= 0.2
    time.sleep(0.25)
    bench.hub.step()
    assert bench.hub.state.values[LEVEL] == -30.0


@pytest.mark.parametrize("path", [path for path, row in TABLE.items() if row.kind in ("none", "own") and not row.types])
@pytest.mark.parametrize("zero", [0, 0.0])
def test_a_button_that_is_let_go_does_nothing_in_silence(path: str, zero: float, bench: Bench) -> None:
    bench.say(LEVEL, -21.0)
    bench.say(LEVEL, -22.0)
    bench.got(bench.controller)
    before = bench.hub.state.values
    bench.say(path, zero)
    assert bench.hub.state.values == before
    assert bench.hub.counts["refused"] == 0
    assert "/error" not in bench.got(bench.controller)


def test_a_button_that_is_pressed_still_does(bench: Bench) -> None:
    bench.say(LEVEL, -21.0)
    bench.say(LEVEL, -22.0)
    bench.later(10.0)
    bench.say("/undo", 1)
    assert bench.hub.state.values[LEVEL] != -22.0


def test_a_pattern_acts_on_all_it_matches(bench: Bench) -> None:
    bench.say("/stem/*/mute", 1)
    assert [bench.hub.state.values[f"/stem/{stem}/mute"] for stem in STEMS] == [1] * len(STEMS)
    bench.say("/stem/{piano,cello}/mute", 0)
    assert [stem for stem in STEMS if not bench.hub.state.values[f"/stem/{stem}/mute"]] == ["piano", "cello"]
    assert bench.hub.counts["refused"] == 0
    bench.say("/stem/*/mut", 1)
    assert "matches no address" in str(bench.got(bench.controller)["/error"])


def test_a_flood_of_patterns_ends(bench: Bench) -> None:
    for _ in range(200):
        bench.controller.send((LOOPBACK, bench.hub.osc.port), "/stem/*/*", 1)
    time.sleep(0.01)
    begin_s = time.monotonic()
    bench.hub.step()
    assert time.monotonic() - begin_s < 2.0
    assert bench.hub.counts["refused"] > 100


@pytest.mark.parametrize("count", [0, 1, 5])
def test_value_and_type_of_lists_agree_in_length(count: int) -> None:
    names = tuple(f"mood_{n}" for n in range(count))
    node = node_at("/mood/list", {"/mood/list": names})
    assert node is not None
    assert node["VALUE"] == list(names)
    assert node["TYPE"] == "s" * count


def test_type_value_and_unit_agree_everywhere(bench: Bench) -> None:
    shown = {
        "/room/meter": (-20.0, -21.0),
        "/page/tabs": ("a", "b"),
        **{p: (v,) for p, v in bench.hub.state.values.items()},
    }
    for path in TABLE:
        node = node_at(path, shown)
        if node is None:
            continue
        if "VALUE" in node:
            assert len(node["VALUE"]) == len(node["TYPE"]), path
        if "UNIT" in node:
            assert len(node["UNIT"]) == len(node["TYPE"]), path


def test_a_pattern_reaches_sensors_and_every_other_family(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SENSORS)
    bench = Bench(sensors=file)
    for pattern, moved in (
        ("/sensor/{door,hall}", {"door", "hall"}),
        ("/sensor/?ed", {"bed"}),
        ("/sens*/[!b]*", {"door", "hall"}),
        ("/*/*", {"door", "hall", "bed"}),
    ):
        bench.say("/sensor/*", 0.0)
        bench.later(100.0)
        assert set(bench.hub.presence.levels.values()) == {0.0}
        bench.say(pattern, 1.0)
        bench.later(0.1)
        assert {name for name, level in bench.hub.presence.levels.items() if level > 0.0} == moved, pattern
    bench.got(bench.controller)
    bench.later(1.0)
    bench.say("/sensor/x*", 1.0)
    assert "/sensor/x* matches no address" in str(bench.got(bench.controller)["/error"])
    bench.close()


@pytest.mark.parametrize(
    ("pattern", "value", "path"),
    [
        ("/layer/*/level_db", -30.0, "/layer/cello/level_db"),
        ("/voice/{bells,choir}/density", 0.2, "/voice/bells/density"),
        ("/room/level_*", -7.0, "/room/level_db"),
        ("/sc*/root", "E", "/scale/root"),
        ("/performer/temper*", 0.8, "/performer/temperature"),
        ("/mood/morph_?", 3.0, "/mood/morph_s"),
        ("/p[a-b]d/x", 0.25, "/pad/x"),
        ("/se{e,}d", 7, "/seed"),
    ],
)
def test_every_family_takes_patterns(pattern: str, value: object, path: str, bench: Bench) -> None:
    if path == "/pad/x":
        bench.say("/pad/corner_1", bench.mood)
    bench.say(pattern, value)
    assert bench.hub.state.values[path] == value
    assert bench.hub.counts["refused"] == 0


@pytest.mark.parametrize(
    ("path", "types", "came"),
    [(LEVEL, "T", "True"), (LEVEL, "F", "False"), ("/seed", "T", "True"), (LEVEL, "N", "None")],
)
def test_true_is_no_number(path: str, types: str, came: str, bench: Bench) -> None:
    """Python's True is 1: a level of 1 dB, 22 dB louder than before."""
    bench.say(LEVEL, -21.0)
    before = bench.hub.state.values
    bench.later(1.0)
    send(bench, message(path, types, b""))
    assert bench.hub.state.values == before
    assert f"but {came} came" in str(bench.got(bench.controller)["/error"])


def test_true_is_a_switch(bench: Bench) -> None:
    for types, value in (("T", 1), ("F", 0)):
        send(bench, message("/stem/cello/mute", types, b""))
        assert bench.hub.state.values["/stem/cello/mute"] == value
    assert bench.hub.counts["refused"] == 0

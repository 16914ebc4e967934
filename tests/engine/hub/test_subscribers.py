"""Who listens: all of the state for who asks, subscriptions, pages, and no more than can be drawn."""

from __future__ import annotations

import time

import pytest

from engine.hub.subscribers import MOST_SUBSCRIBERS
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.parameters.addresses import ROOM, SOUND, TABLE, values_of
from engine.parameters.moods import list_moods, load_mood
from tests.engine.hub_bench import Bench


def test_state_dump_answers_with_every_value_and_the_moods(bench: Bench) -> None:
    bench.say("/renderer/lead", 4.0, source=bench.renderer)
    bench.hub.show("/lamp/room", 1.0)
    bench.say("/state/dump")
    got = bench.got(bench.controller)
    assert {row.path for row in (*SOUND, *ROOM)} <= set(got)
    assert set(got["/mood/list"]) == set(list_moods())
    assert got["/mood/slot_1"][:2] == (list_moods()[0], load_mood(list_moods()[0]).title)
    assert got["/mood/slot_16"] == ("none",) * 3
    assert got["/mood/changed"] == (0.0,)
    assert got["/lamp/room"] == (1.0,)
    assert set(got) <= set(TABLE)


def test_subscriptions_end_unless_kept_alive(bench: Bench) -> None:
    bench.say("/state/dump")
    bench.later(10.0)
    bench.say("/alive")
    bench.got(bench.controller)
    bench.later(10.0)
    bench.hub.show("/reel/lead", 3.0)
    assert "/reel/lead" in bench.got(bench.controller)
    bench.later(20.0)
    bench.hub.show("/reel/lead", 2.0)
    assert bench.got(bench.controller) == {}


def test_subscribers_are_bounded(bench: Bench) -> None:
    ports = [OscPort(LOOPBACK, 0) for _ in range(MOST_SUBSCRIBERS + 1)]
    for port in ports:
        bench.say("/alive", source=port)
    assert "/error" in bench.got(ports[-1])
    for port in ports:
        port.close()


def test_a_page_is_told_to_whoever_asks_and_kept_up_to_date(bench: Bench) -> None:
    other = OscPort(LOOPBACK, 0)
    bench.say("/state/dump")
    bench.say("/state/dump", source=other)
    bench.got(bench.controller)
    bench.say("/page", "performer")
    bench.say("/page", "room", source=other)
    got = bench.got(bench.controller)
    number = next(int(path.rsplit("_", 1)[1]) for path, a in got.items() if a[0] == "/performer/tempo")
    assert got[f"/page/row_{number}"] == ("/performer/tempo", "tempo", "0.4 – 1.6")
    assert got["/page/row_24"] == ("none",) * 3
    bench.got(other)
    bench.later(1.0)
    bench.say("/page/move", "/performer/tempo", 1.0)
    assert bench.got(bench.renderer) == {"/performer/tempo": (pytest.approx(1.6),)}
    got = bench.got(bench.controller)
    assert got[f"/page/value_{number}"] == (1.0, "1.6")
    assert not [path for path in bench.got(other) if path.startswith("/page")]
    bench.later(1.0)
    bench.say("/page/type", "/performer/tempo", "0,8")
    assert bench.got(bench.controller)[f"/page/value_{number}"][1] == "0.8"
    for wrong in (("/page", "nothing"), ("/page/move", "/performer/tempo"), ("/page/move", "/mood", 0.5)):
        bench.later(1.0)
        bench.say(*wrong)
        assert bench.got(bench.controller)["/error"][0] == wrong[0]
    bench.say("/page/type", "/performer/tempo", "fast")
    assert "a number from 0.4 to 1.6" in str(bench.got(bench.controller)["/error"][1])
    other.close()


def test_a_moving_pad_is_echoed_at_a_pace_that_a_surface_can_draw(bench: Bench) -> None:
    one, other = list_moods()[:2]
    bench.say("/pad/corner_1", one)
    bench.say("/pad/corner_2", other)
    bench.say("/state/dump")
    bench.got(bench.controller)
    for step in range(100):
        bench.now_s += 0.01
        bench.say("/pad/x", step / 99)
    bench.later(0.5)
    time.sleep(0.005)
    heard = [item.path for item in bench.controller.received(5000) if isinstance(item, Message)]
    assert 4 <= heard.count("/effects/reverb_s") <= 8
    assert bench.hub.state.sound == values_of(load_mood(other))
    glides = [i.arguments for i in bench.renderer.received(9000) if isinstance(i, Message) and "glide" in i.path]
    assert 20 <= len(glides) <= 33
    assert set(glides) == {(1.0,)}

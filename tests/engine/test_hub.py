"""The hub between real sockets standing for a controller, the room and the renderer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.addresses import ROOM, SOUND, TABLE, values_of
from engine.audience import MOST_SUBSCRIBERS
from engine.errors import ControlError
from engine.hub import MOST_PER_STEP
from engine.mood_store import MoodStore
from engine.moods import list_moods, load_mood
from engine.osc_port import LOOPBACK, Message, OscPort
from engine.presence.settings import sensors_path
from engine.reel_format import STEMS
from tests.engine.hub_bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_a_value_is_stored_forwarded_and_echoed(bench: Bench) -> None:
    bench.say("/state/dump")
    bench.got(bench.controller)
    bench.say("/layer/cello/level_db", -20.0)
    assert bench.hub.state.sound["/layer/cello/level_db"] == -20.0
    assert bench.got(bench.renderer) == {"/layer/cello/level_db": (-20.0,)}
    assert bench.got(bench.controller) == {"/layer/cello/level_db": (-20.0,)}
    assert bench.got(bench.room) == {}
    assert bench.changes == 1


def test_faders_of_the_room_go_to_the_room(bench: Bench) -> None:
    bench.say("/stem/cello/mute", 1.0)
    assert bench.got(bench.room) == {"/stem/cello/mute": (1,)}
    assert bench.got(bench.renderer) == {}


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


@pytest.mark.parametrize(
    ("path", "arguments"),
    [("/layer/cello/level_db", (99.0,)), ("/layer/cello/level_db", ("x",)), ("/nothing", (1.0,)), ("/mood", ("none",))],
)
def test_what_is_wrong_is_answered_and_changes_nothing(bench: Bench, path: str, arguments: tuple[object, ...]) -> None:
    before = bench.hub.state.values
    bench.say(path, *arguments)
    assert bench.got(bench.controller)["/error"][0] == path
    assert bench.hub.state.values == before
    assert bench.hub.counts["refused"] == 1
    assert bench.got(bench.renderer) == {}


def test_a_bad_packet_is_counted(bench: Bench) -> None:
    bench.controller.socket.sendto(b"\xff\x00nonsense", (LOOPBACK, bench.hub.osc.port))
    bench.say("/alive")
    assert bench.hub.counts["bad_packets"] == 1
    assert "/error" in bench.got(bench.controller)


def test_a_scale_that_is_none_is_refused(bench: Bench) -> None:
    bench.say("/scale/mode", "mayor")
    assert "major" in str(bench.got(bench.controller)["/error"][1])


def test_a_mood_brings_its_values(bench: Bench) -> None:
    other = list_moods()[1]
    bench.say("/state/dump")
    bench.got(bench.controller)
    bench.say("/mood", other)
    echoed = bench.got(bench.controller)
    assert echoed["/mood"] == (other,)
    assert len(echoed) > 5
    messages = [item for item in bench.renderer.received(1000) if isinstance(item, Message)]
    told = {item.path: item.arguments for item in messages}
    assert set(told) == {row.path for row in SOUND} | {"/renderer/glide_s", "/mood"}
    assert told["/renderer/glide_s"] == (8.0,)
    assert told["/scale/root"] == (load_mood(other).scale.root,)
    assert messages[-1].path == "/mood", "after the values it belongs to"
    assert bench.hub.state.mood == other


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


def test_a_flood_of_one_fader_reaches_the_renderer_thirty_times_a_second_with_the_last_value(bench: Bench) -> None:
    for i in range(300):
        bench.now_s += 0.001
        bench.say("/layer/cello/pan", i / 300)
    bench.later(0.1)
    time.sleep(0.005)
    values = [item.arguments[0] for item in bench.renderer.received(1000) if isinstance(item, Message)]
    assert 8 <= len(values) <= 12
    assert values[-1] == pytest.approx(299 / 300, rel=1e-4)


def test_reports_reach_the_supervisor_and_malformed_ones_do_not(bench: Bench) -> None:
    bench.say("/room/meter", -20.0, -21.0, source=bench.room)
    bench.say("/room/meter", "loud", source=bench.room)
    bench.say("/room/meter", float("nan"), 1.0, source=bench.room)
    assert [path for path, _ in bench.reports] == ["/room/meter"]
    assert bench.hub.counts["bad_reports"] == 2


def test_what_the_renderer_says_of_itself_is_not_sent_back(bench: Bench) -> None:
    bench.say("/layer/cello/pan", 0.5, source=bench.renderer)
    assert bench.hub.state.sound["/layer/cello/pan"] == 0.5
    assert bench.got(bench.renderer) == {}


def test_a_restarted_room_gets_its_faders_back(bench: Bench) -> None:
    bench.say("/stem/bells/mute", 1)
    bench.later(1.0)
    bench.got(bench.room)
    bench.hub.bring_room_up_to_date()
    got = bench.got(bench.room)
    assert set(got) == {row.path for row in ROOM if not row.path.endswith("/solo")}
    assert got["/stem/bells/mute"] == (1,)


def test_only_loopback_unless_asked(bench: Bench) -> None:
    assert bench.hub.osc.socket.getsockname()[0] == LOOPBACK


def test_an_edit_by_hand_is_picked_up_and_a_broken_one_is_shown_while_the_values_stay(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Mine\nlayer:\n  cello: {level_db: -18}\n")
    bench = Bench(MoodStore(tmp_path), "mine")
    bench.say("/state/dump")
    path.write_text("title: Mine\nlayer:\n  cello: {level_db: -18, pan: 9}\n")
    bench.later(1.0)
    bench.later(1.0)
    [(where, what)] = [arguments for address, arguments in bench.reports if address == "/error"]
    assert where == "/mood/mine"
    assert str(what).startswith("mine.yaml, line 3, layer.cello.pan: ")
    assert bench.got(bench.controller)["/mood/trouble"] == (what,)
    assert bench.got(bench.renderer) == {}
    path.write_text("title: Mine\nlayer:\n  cello: {level_db: -12}\n")
    bench.later(1.0)
    bench.later(1.0)
    bench.later(0.1)
    assert bench.got(bench.renderer) == {"/renderer/glide_s": (8.0,), "/layer/cello/level_db": (-12.0,)}
    got = bench.got(bench.controller)
    assert got["/mood/trouble"] == ("",)
    assert got["/layer/cello/level_db"] == (-12.0,)
    (tmp_path / "other.yaml").write_text("title: Another one\n")
    bench.later(1.0)
    bench.later(1.0)
    assert bench.got(bench.controller)["/mood/slot_2"][:2] == ("other", "Another one")
    bench.close()


def test_a_mood_is_stored_under_a_checked_name_and_shown(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("title: Mine\n")
    bench = Bench(MoodStore(tmp_path), "mine")
    bench.say("/state/dump")
    bench.say("/layer/cello/pan", 0.25)
    bench.later(0.1)
    assert bench.got(bench.controller)["/mood/changed"] == (1.0,)
    bench.say("/mood/store", "Mine-2")
    assert "for instance 'mine_2'" in str(bench.got(bench.controller)["/error"][1])
    bench.say("/mood/store", "mine")
    assert "exists already" in str(bench.got(bench.controller)["/error"][1])
    bench.say("/mood/store", "evening")
    bench.later(0.1)
    got = bench.got(bench.controller)
    assert got["/mood"] == ("evening",)
    assert got["/mood/list"] == ("evening", "mine")
    assert got["/mood/changed"] == (0.0,)
    assert load_mood("evening", tmp_path).layer.cello.pan == 0.25
    bench.close()


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


def test_a_solo_mutes_the_others_in_the_room_and_nowhere_else(bench: Bench) -> None:
    bench.say("/stem/cello/solo", 1)
    got = bench.got(bench.room)
    assert got == {f"/stem/{stem}/mute": (1,) for stem in STEMS if stem != "cello"}
    assert bench.hub.state.room["/stem/bells/mute"] == 0
    bench.now_s += 1.0
    bench.say("/stem/bells/solo", 1)
    assert bench.got(bench.room) == {"/stem/bells/mute": (0,)}
    bench.now_s += 1.0
    bench.say("/stem/cello/mute", 1)
    assert bench.got(bench.room) == {"/stem/cello/mute": (1,)}
    bench.hub.bring_room_up_to_date()
    assert bench.got(bench.room)["/stem/piano/mute"] == (1,)


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


def test_a_day_glides_and_fades_in_its_own_time(bench: Bench) -> None:
    other = list_moods()[1]
    bench.hub.glide_to_mood(other, 120.0)
    bench.later(0.1)
    got = bench.got(bench.renderer)
    assert (got["/renderer/glide_s"], got["/mood"]) == ((120.0,), (other,))
    assert bench.hub.state.morph_s == 8.0
    bench.hub.fade(True, 60.0)
    time.sleep(0.005)
    said = [(item.path, item.arguments) for item in bench.room.received(1000) if isinstance(item, Message)]
    assert said == [("/room/fade_s", (60.0,)), ("/room/silent", (1,)), ("/room/fade_s", (2.0,))]
    assert bench.hub.state.room["/room/silent"] == 1
    with pytest.raises(ControlError, match="stays"):
        bench.hub.glide_to_mood("nothing", 1.0)


def test_who_comes_in_moves_parameters_and_leaves_the_faders(tmp_path: Path) -> None:
    bench = Bench(sensors=sensors_path("visitors"))
    bench.say("/state/dump")
    assert bench.got(bench.controller)["/presence"] == ("people 0 %",)
    for _ in range(30):
        bench.later(1.0)
        bench.say("/alive")
        bench.say("/sensor/people", 6.0)
    room, sound, shown = bench.got(bench.room), bench.got(bench.renderer), bench.got(bench.controller)
    assert room == {"/room/level_db": (pytest.approx(-5.0, abs=0.1),)}
    bells = bench.hub.state.sound["/voice/bells/density"]
    assert sound["/voice/bells/density"] == (pytest.approx(0.3 * float(bells), rel=0.03),)
    assert shown["/presence"] == ("people 100 %",)
    assert bench.hub.state.room["/room/level_db"] == 0.0
    assert "/room/level_db" not in shown
    bench.later(1.0)
    bench.say("/room/level_db", -3.0)
    assert bench.got(bench.room) == {"/room/level_db": (pytest.approx(-8.0, abs=0.1),)}
    bench.say("/state/dump")
    assert bench.got(bench.controller)["/room/level_db"] == (-3.0,)
    bench.hub.bring_room_up_to_date()
    assert bench.got(bench.room)["/room/level_db"] == (pytest.approx(-8.0, abs=0.1),)
    for _ in range(400):
        bench.later(1.0)
    assert bench.got(bench.room)["/room/level_db"] == (-3.0,), "nobody has been seen for long"
    for wrong in (("/sensor/nobody", 1.0), ("/sensor/people", "x"), ("/sensor/people",), ("/sensor/people", math.nan)):
        bench.later(1.0)
        bench.say(*wrong)
        assert bench.got(bench.controller)["/error"][0] == wrong[0]
    bench.close()


def test_sensors_edited_while_it_plays_are_taken_in_and_a_broken_edit_is_said(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = "title: T\nsensors:\n  door: {rise_s: 0, fall_s: 0, timeout_s: 600}\neffects:\n"
    file.write_text(text + "  - {sensor: door, parameter: /room/level_db, by: -6}\n")
    bench = Bench(sensors=file)
    bench.say("/sensor/door", 1.0)
    bench.later(0.1)
    assert bench.got(bench.room)["/room/level_db"] == (-6.0,)
    file.write_text(text + "  - {sensor: door, parameter: /room/level_db, by: loud}\n")
    bench.later(1.0)
    bench.later(1.0)
    [(where, what)] = [arguments for path, arguments in bench.reports if path == "/error"]
    assert where == "/sensor"
    assert str(what).startswith(f"{file}, line 5, effects.0.by: ")
    assert bench.got(bench.room) == {}
    file.write_text(text + "  - {sensor: door, parameter: /room/wet, by: 0.2}\n")
    bench.later(1.0)
    bench.later(1.0)
    bench.later(0.1)
    assert bench.got(bench.room) == {"/room/level_db": (0.0,), "/room/wet": (pytest.approx(0.35),)}
    file.write_text(text.replace("door", "people") + "  - {sensor: people, parameter: /room/wet, by: 0.2}\n")
    bench.later(1.0)
    bench.later(1.0)
    bench.later(0.1)
    assert bench.got(bench.room) == {"/room/wet": (pytest.approx(0.15),)}
    assert bench.hub.audience.shown["/presence"] == ("people 0 %",)
    file.unlink()
    bench.later(1.0)
    bench.later(1.0)
    assert "is gone" in str(bench.reports[-1][1][1])
    bench.close()


def test_a_flood_is_noticed_and_passes() -> None:
    """What the other processes report may be lost in it, and who judges by that must know."""
    bench = Bench()
    try:
        for _ in range(MOST_PER_STEP + 20):
            bench.controller.send((LOOPBACK, bench.hub.osc.port), "/phrase/next")
        time.sleep(0.05)
        before_s = bench.hub.flooded_s
        bench.hub.step()
        assert before_s < 0 < bench.hub.flooded_s == bench.now_s
        bench.now_s += 10.0
        bench.hub.step()
        assert bench.hub.flooded_s < bench.now_s
    finally:
        bench.hub.close()


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

    @settings(max_examples=600, deadline=None)
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

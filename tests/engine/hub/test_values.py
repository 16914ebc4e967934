"""What is set and said: stored, forwarded, echoed, or refused; and what the neighbours report."""

from __future__ import annotations

import pytest

from engine.osc.messages import Report
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import ROOM
from engine.parameters.stems import LAYERS
from tests.engine.hub_bench import Bench


def test_a_value_is_stored_forwarded_and_echoed(bench: Bench) -> None:
    bench.say("/state/dump")
    bench.got(bench.controller)
    bench.say("/layer/cello/level_db", -20.0)
    assert bench.hub.state.sound["/layer/cello/level_db"] == -20.0
    assert bench.got(bench.renderer) == {"/layer/cello/level_db": (-20.0,)}
    assert bench.got(bench.controller) == {"/layer/cello/level_db": (-20.0,)}
    assert bench.got(bench.room) == {}
    assert bench.hub.changes == 1


def test_faders_of_the_room_go_to_the_room(bench: Bench) -> None:
    bench.say("/stem/cello/mute", 1.0)
    assert bench.got(bench.room) == {"/stem/cello/mute": (1,)}
    assert bench.got(bench.renderer) == {"/layer/cello/sends": (0.0,)}


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


def test_reports_reach_who_subscribed_and_malformed_ones_do_not(bench: Bench) -> None:
    heard: list[str] = []
    bench.hub.reports.subscribe(lambda path, *_: heard.append(path), Report.ROOM_METER)
    bench.say("/room/meter", -20.0, -21.0, source=bench.room)
    bench.say("/room/meter", "loud", source=bench.room)
    bench.say("/room/meter", float("nan"), 1.0, source=bench.room)
    bench.say("/renderer/lead", 4.0, source=bench.renderer)
    assert heard == ["/room/meter"]
    assert bench.hub.reports.malformed == 2


def test_what_the_supervisor_says_is_shown(bench: Bench) -> None:
    bench.say("/state/dump")
    bench.got(bench.controller)
    bench.say(Report.LAMP, "room", 0.5)
    bench.say(Report.LATE, 3.0)
    bench.say(Report.TROUBLE, "/lamp/room", "was ended by SIGKILL")
    bench.say(Report.TROUBLE, "", "for the journal alone")
    got = bench.got(bench.controller)
    assert got == {"/lamp/room": (0.5,), "/reel/late": (3.0,), "/error": ("/lamp/room", "was ended by SIGKILL")}


def test_what_the_renderer_says_of_itself_is_not_sent_back(bench: Bench) -> None:
    bench.say("/layer/cello/pan", 0.5, source=bench.renderer)
    assert bench.hub.state.sound["/layer/cello/pan"] == 0.5
    assert bench.got(bench.renderer) == {}


def test_a_restarted_room_gets_its_faders_back(bench: Bench) -> None:
    bench.say("/stem/bells/mute", 1)
    bench.later(1.0)
    bench.got(bench.room)
    bench.say("/room/hello", 48_000.0, source=bench.room)
    got = bench.got(bench.room)
    assert set(got) == {row.path for row in ROOM if not row.path.endswith("/solo")}
    assert got["/stem/bells/mute"] == (1,)


def test_a_solo_mutes_the_others_in_the_room_and_nowhere_else(bench: Bench) -> None:
    bench.say("/stem/cello/solo", 1)
    got = bench.got(bench.room)
    assert got == {f"/stem/{stem}/mute": (1,) for stem in LAYERS if stem != "cello"}
    assert bench.hub.state.room["/stem/bells/mute"] == 0
    bench.now_s += 1.0
    bench.say("/stem/bells/solo", 1)
    assert bench.got(bench.room) == {"/stem/bells/mute": (0,)}
    bench.now_s += 1.0
    bench.say("/stem/cello/mute", 1)
    assert bench.got(bench.room) == {"/stem/cello/mute": (1,)}
    bench.say("/room/hello", 48_000.0, source=bench.room)
    assert bench.got(bench.room)["/stem/piano/mute"] == (1,)


def test_what_a_stem_sends_follows_its_mute_fader_and_solo_and_the_mood_stays_as_it_is(bench: Bench) -> None:
    bench.say("/stem/cello/mute", 1)
    assert bench.got(bench.renderer) == {"/layer/cello/sends": (0.0,)}
    bench.now_s += 1.0
    bench.say("/layer/cello/sends", 0.5)
    assert bench.got(bench.renderer) == {"/layer/cello/sends": (0.0,)}
    bench.now_s += 1.0
    bench.say("/stem/cello/mute", 0)
    assert bench.got(bench.renderer) == {"/layer/cello/sends": (0.5,)}
    bench.now_s += 1.0
    bench.say("/stem/cello/level_db", -20.0)
    assert bench.got(bench.renderer)["/layer/cello/sends"][0] == pytest.approx(0.05)
    bench.now_s += 1.0
    bench.say("/stem/far/solo", 1)
    assert bench.got(bench.renderer) == {}
    assert bench.hub.state.sound["/layer/cello/sends"] == 0.5
    bench.now_s += 1.0
    bench.say("/stem/bells/solo", 1)
    got = bench.got(bench.renderer)
    assert {path for path, value in got.items() if value == (0.0,)} == {
        f"/layer/{layer}/sends" for layer in LAYERS if layer != "bells"
    }
    bench.hub.routing.bring_renderer_up_to_date()
    assert bench.got(bench.renderer)["/layer/piano/sends"] == (0.0,)


def test_only_loopback_unless_asked(bench: Bench) -> None:
    assert bench.hub.osc.socket.getsockname()[0] == LOOPBACK

"""What the room and the renderer are told when something changes; each hears only what is its own."""

from __future__ import annotations

import pytest

from engine.parameters.addresses import ROOM, SOUND
from engine.parameters.stems import LAYERS
from tests.engine.hub_bench import Bench


def test_sound_goes_to_the_renderer_and_the_room_to_the_room(bench: Bench) -> None:
    bench.say("/layer/cello/pan", 0.5)
    bench.say("/stem/cello/level_db", -20.0)
    bench.later(0.2)
    room, renderer = bench.got(bench.room), bench.got(bench.renderer)
    assert renderer["/layer/cello/pan"] == (0.5,)
    assert "/layer/cello/pan" not in room
    assert room["/stem/cello/level_db"] == (-20.0,)
    assert "/stem/cello/level_db" not in renderer


def test_a_solo_is_a_mute_of_all_others_and_its_end_the_end_of_those(bench: Bench) -> None:
    bench.say("/stem/bells/mute", 1)
    bench.later(0.2)
    bench.got(bench.room)
    bench.say("/stem/cello/solo", 1)
    bench.later(0.2)
    told = bench.got(bench.room)
    others = {stem for stem in LAYERS if stem not in ("cello", "bells")}
    assert {path: value for path, (value,) in told.items() if path.endswith("/mute")} == {
        f"/stem/{stem}/mute": 1 for stem in others
    }, "bells were silent before"
    assert not any(path.endswith("/solo") for path in told)
    bench.say("/stem/cello/solo", 0)
    bench.later(0.2)
    told = bench.got(bench.room)
    assert {path for path, (value,) in told.items() if path.endswith("/mute") and value == 0} == {
        f"/stem/{stem}/mute" for stem in others
    }


def test_a_new_mood_comes_whole_with_its_glide_before_its_name(bench: Bench) -> None:
    bench.say("/mood/morph_s", 3.0)
    bench.later(0.2)
    bench.got(bench.renderer)
    bench.say("/mood", "night")
    bench.later(0.2)
    told = [item.path for item in bench.renderer.received(1000)]  # type: ignore[union-attr]
    assert told[0] == "/renderer/glide_s"
    assert told[-1] == "/mood"
    assert set(told) >= {row.path for row in SOUND}


def test_who_starts_anew_is_told_everything(bench: Bench) -> None:
    bench.say("/room/silent", 1)
    bench.later(0.2)
    bench.got(bench.room), bench.got(bench.renderer)
    bench.hub.routing.bring_room_up_to_date()
    room = [(item.path, *item.arguments) for item in bench.room.received(1000)]  # type: ignore[union-attr]
    assert room[:2] == [("/room/fade_s", pytest.approx(0.2)), ("/room/silent", 1)], (
        "silent at once, not in its own time"
    )
    assert {path for path, *_ in room} == {row.path for row in ROOM if not row.path.endswith("/solo")}
    bench.hub.routing.bring_renderer_up_to_date()
    assert set(bench.got(bench.renderer)) == {row.path for row in SOUND}


def test_a_fade_of_the_schedule_leaves_the_fade_of_the_surface(bench: Bench) -> None:
    bench.got(bench.room)
    bench.hub.routing.fade(silent=True, fade_s=30.0)
    own = bench.hub.state.room["/room/fade_s"]
    told = [(item.path, *item.arguments) for item in bench.room.received(1000)]  # type: ignore[union-attr]
    assert told == [("/room/fade_s", 30.0), ("/room/silent", 1), ("/room/fade_s", own)]


def test_a_hub_that_starts_leaves_a_fade_alone_and_repeats_all_else(bench: Bench) -> None:
    bench.got(bench.room)
    bench.hub.state.room |= {"/room/silent": 1, "/room/fade_s": 30.0}
    bench.hub.routing.repeat_to_room()
    told = [(item.path, *item.arguments) for item in bench.room.received(1000)]  # type: ignore[union-attr]
    assert {path for path, *_ in told} == {row.path for row in ROOM if not row.path.endswith(("/solo", "/silent"))}
    assert [value for path, value in told if path == "/room/fade_s"] == [30.0]

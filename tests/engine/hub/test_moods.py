"""Moods through the hub: chosen, edited by hand, stored, and brought by the day."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from engine.errors import ControlError
from engine.osc.port import Message
from engine.parameters.addresses import SOUND
from engine.parameters.mood_store import MoodStore
from engine.parameters.moods import list_moods, load_mood
from tests.engine.hub_bench import Bench


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


def test_an_edit_by_hand_is_picked_up_and_a_broken_one_is_shown_while_the_values_stay(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("title: Mine\nlayer:\n  cello: {level_db: -18}\n")
    bench = Bench(MoodStore(tmp_path), "mine")
    bench.say("/state/dump")
    path.write_text("title: Mine\nlayer:\n  cello: {level_db: -18, pan: 9}\n")
    bench.later(1.0)
    bench.later(1.0)
    [(where, what)] = bench.troubles
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

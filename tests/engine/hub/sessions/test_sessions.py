"""Sessions through a hub and real sockets: recorded, kept, played back the same each time, and yielding to hands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.hub.sessions.recorder import Recorder
from engine.hub.sessions.session import MOST_BYTES, SessionError, read_session
from engine.hub.sessions.store import SessionStore
from engine.parameters.moods import list_moods
from tests.engine.hub_bench import Bench

PAN, LEVEL = "/layer/cello/pan", "/room/level_db"
OTHER = list_moods()[1]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(kept=tmp_path)
    yield bench
    bench.close()


def play_around(bench: Bench) -> None:
    """Some twelve seconds of hands of every kind."""
    bench.say("/midi/learn", LEVEL)
    bench.say("/midi/control", 1, 7, 1)
    bench.later(1.0)
    bench.say("/session/record", "evening")
    bench.later(0.5)
    for step in range(20):
        bench.say(PAN, step / 40)
        bench.later(0.05)
    bench.say("/page/move", "/layer/bells/reverb", 0.75)
    bench.later(1.0)
    for value in (127, 100, 90, 80):
        bench.say("/midi/control", 1, 7, value)
        bench.later(0.1)
    bench.say("/mood", OTHER)
    bench.later(2.0)
    bench.say("/phrase/next")
    bench.later(0.5)
    bench.say("/undo")
    bench.later(2.0)
    bench.say("/session/stop")


def heard(bench: Bench, seconds: float) -> list[tuple[float, str, tuple[object, ...]]]:
    """What the renderer and the room are told, and when, on the clock of the playback."""
    found = []
    start_s = bench.now_s
    for _ in range(round(seconds / 0.05)):
        bench.later(0.05)
        told = {**bench.got(bench.renderer), **bench.got(bench.room)}
        found += [(round(bench.now_s - start_s, 2), path, arguments) for path, arguments in sorted(told.items())]
    return found


def test_a_session_sets_the_same_values_at_the_same_times_each_time(bench: Bench, tmp_path: Path) -> None:
    play_around(bench)
    after = bench.hub.state.values
    session = read_session(tmp_path / "sessions" / "evening.jsonl")
    assert session.moments[0].at_s == pytest.approx(0.5, abs=0.01)
    own = {path for moment in session.moments for path in moment.values}
    assert own >= {PAN, LEVEL, "/layer/bells/reverb", "/mood"}
    own |= {"/renderer/glide_s", "/phrase/next"}
    runs, ends = [], []
    for change in ("gymnopedie", "night"):
        bench.say("/mood", change)
        bench.say(LEVEL, -40.0)
        bench.later(3.0)
        bench.got(bench.renderer), bench.got(bench.room)
        bench.say("/session/play", "evening")
        told = heard(bench, 9.0)
        runs.append([one for one in told if one[1] in own])
        ends.append(bench.hub.state.values)
    assert any(path == "/phrase/next" for _, path, _ in runs[0])
    assert len(runs[0]) > 30
    assert [(s, p) for s, p, _ in runs[0]] == [(s, p) for s, p, _ in runs[1]]
    assert runs[0] == runs[1]
    for path in (PAN, LEVEL, "/layer/bells/reverb", "/mood"):
        assert ends[0][path] == ends[1][path] == after[path]


def test_a_hand_wins_over_what_is_played(bench: Bench) -> None:
    bench.say("/session/record", "two")
    for step in range(10):
        bench.later(0.5)
        bench.say(PAN, step / 20)
        bench.say("/layer/bells/pan", -step / 20)
    bench.say("/session/stop")
    bench.say("/session/play", "two")
    bench.later(1.2)
    assert bench.hub.state.sound[PAN] == 0.05
    bench.say(PAN, 0.9)
    bench.later(6.0)
    assert bench.hub.state.sound[PAN] == 0.9
    assert bench.hub.state.sound["/layer/bells/pan"] == -0.45
    bench.say("/session/play", "two")
    bench.later(1.2)
    bench.say("/mood", OTHER)
    chosen = bench.hub.state.values
    bench.later(6.0)
    assert bench.hub.state.values == chosen, "who chooses a mood has all of it"


def test_what_is_going_on_is_shown_and_names_are_listed(bench: Bench) -> None:
    bench.say("/state/dump")
    bench.say("/session/record", "evening")
    bench.later(61.0)
    shown = bench.hub.subscribers.shown
    assert shown["/session/now"] == ("recording evening 1:01",)
    bench.say("/session/record", "another")
    assert "stop that first" in str(bench.got(bench.controller)["/error"][1])
    bench.say("/session/stop")
    bench.later(0.1)
    assert shown["/session/list"] == ("evening",)
    assert shown["/session/slot_1"] == ("evening", "1:01, 0 changes")
    assert shown["/session/now"] == ("none",)
    bench.say("/session/play", "evening")
    bench.later(0.1)
    assert shown["/session/now"] == ("playing evening 0:00 of 1:01",)
    assert 0.0 < bench.hub.due_s <= 0.7
    bench.later(62.0)
    bench.later(0.1)
    assert shown["/session/now"] == ("none",)
    bench.say("/session/delete", "evening")
    bench.later(0.1)
    assert shown["/session/slot_1"] == ("none", "none")


@pytest.mark.parametrize("name", ["../evening", "/etc/passwd", "Evening", "", "a" * 41, ".hidden", "a/b", "a.jsonl"])
@pytest.mark.parametrize("verb", ["record", "play", "delete"])
def test_names_never_become_paths(bench: Bench, tmp_path: Path, verb: str, name: str) -> None:
    bench.say(f"/session/{verb}", name)
    assert bench.got(bench.controller)["/error"][0] == f"/session/{verb}"
    assert not (tmp_path / "sessions").exists()


def test_a_name_is_given_once_and_files_are_not_written_by_what_is_played(bench: Bench, tmp_path: Path) -> None:
    bench.say("/session/record", "one")
    bench.say("/mood/revert", "night")
    bench.say("/session/stop")
    bench.say("/session/record", "one")
    assert "exists already" in str(bench.got(bench.controller)["/error"][1])
    assert read_session(tmp_path / "sessions" / "one.jsonl").moments == ()


def test_a_recording_that_runs_when_the_installation_ends_is_kept(tmp_path: Path) -> None:
    bench = Bench(kept=tmp_path)
    bench.say("/session/record", "last")
    bench.say(PAN, 0.5)
    bench.close()
    [moment] = read_session(tmp_path / "sessions" / "last.jsonl").moments
    assert moment.values == {PAN: 0.5}


def test_without_a_folder_nothing_is_recorded() -> None:
    bench = Bench()
    bench.say("/session/record", "one")
    assert "keeps no sessions" in str(bench.got(bench.controller)["/error"][1])
    bench.close()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('{"at_s": 1, "values": {"/layer/cello/pan": 7}}', "line 2, /layer/cello/pan: "),
        ('{"at_s": 1, "values": {"/nothing": 7}}', "line 2, /nothing: is no address"),
        ('{"at_s": -1, "values": {}}', "line 2, at_s: "),
        ('{"at_s": 1, "press": "/session/stop"}', "line 2, press: "),
        ('{"at_s": 1, "values": {"/scale/mode": "mayor"}}', "line 2, /scale/mode: "),
        ('{"at_s": 1, "values": {}, "glide_s": 1e9}', "line 2, glide_s: "),
        ("[[[", "line 2: expected an object"),
    ],
)
def test_a_broken_file_is_refused_by_line_and_key_before_anything_plays(
    bench: Bench, tmp_path: Path, line: str, what: str
) -> None:
    (tmp_path / "sessions").mkdir()
    head = json.dumps({"session": 1, "begun": "", "length_s": 2.0, "changes": 1})
    (tmp_path / "sessions" / "bad.jsonl").write_text(f"{head}\n{line}\n")
    before = bench.hub.state.values
    bench.say("/session/play", "bad")
    assert what in str(bench.got(bench.controller)["/error"][1])
    bench.later(3.0)
    assert bench.hub.state.values == before


def test_a_recording_is_bounded_and_what_it_holds_can_be_read(tmp_path: Path) -> None:
    recorder, now_s = Recorder("long", 0.0), 0.0
    values = {f"/layer/{stem}/pan": 0.123 for stem in ("piano", "cello", "bells", "chords", "guitar", "drums")}
    while not recorder.is_full:
        now_s += 0.05
        recorder.change(values, None, now_s)
    store = SessionStore(tmp_path)
    store.save("long", recorder.finish(now_s))
    file = tmp_path / "sessions" / "long.jsonl"
    assert 0.9 * MOST_BYTES < file.stat().st_size <= MOST_BYTES
    assert store.load("long").length_s == pytest.approx(now_s, abs=0.01)
    with pytest.raises(SessionError, match="exists already"):
        store.save("long", recorder.finish(now_s))
    assert [path.name for path in file.parent.iterdir()] == ["long.jsonl"]

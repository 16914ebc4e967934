"""What one hub leaves to the next: who listens, what is done, what can be undone. Each test kills a hub in between."""

from __future__ import annotations

import json
from pathlib import Path

from engine.hub.memory import HubMemory, memory_of, restore
from engine.hub.presence.settings import sensors_path
from engine.hub.schedule.timekeeper import Timekeeper
from engine.hub.state import ControlState
from engine.osc.port import LOOPBACK, OscPort
from tests.engine.hub.schedule.test_week import FIRST_MINUTE, MOODS, WEEK, Clock
from tests.engine.hub_bench import Bench

PAN = "/layer/cello/pan"


def next_hub(bench: Bench, folder: Path, **options: object) -> Bench:
    """Another hub that follows this one, which ends as by SIGKILL: nothing is stopped, saved or said."""
    memory = HubMemory(folder / "hub.json")
    memory.write(memory_of(bench.hub, None))
    bench.hub.state.write(folder / "state.json")
    state = ControlState.read(folder / "state.json")
    assert state
    other = Bench(mood=bench.mood, **options)  # type: ignore[arg-type]
    other.now_s = bench.now_s + 1.0
    for path, value in state.values.items():
        assert bench.hub.state.values[path] == value, path
    other.hub.state.restore({**state.values, "/mood/compare": 0})
    restore(other.hub, None, HubMemory(folder / "hub.json").take())
    while other.hub.subscribers.dumping:  # what there is comes in parts
        other.hub.step()
    return other


def test_who_listens_is_told_everything_again_and_goes_on_being_told(bench: Bench, tmp_path: Path) -> None:
    bench.say("/state/dump")
    bench.say("/page", "performer")
    bench.say("/phrase/now", "satie #3", source=bench.renderer)
    bench.say(PAN, 0.5)
    bench.got(bench.controller)
    other = next_hub(bench, tmp_path)
    got = bench.got(bench.controller)
    assert got[PAN] == (0.5,)
    assert got["/phrase/now"] == ("satie #3",), "the renderer says it only once"
    assert "/page/row_1" in got
    other.say(PAN, -0.5, source=OscPort(LOOPBACK, 0))
    assert bench.got(bench.controller)[PAN] == (-0.5,)
    other.close()


def test_what_was_done_can_still_be_undone_step_by_step(bench: Bench, tmp_path: Path) -> None:
    for value in (0.1, 0.2, 0.3):
        bench.later(5.0)
        bench.say(PAN, value)
    bench.later(5.0)
    bench.say("/mood", "night")
    other = next_hub(bench, tmp_path)
    heard = []
    for _ in range(3):
        other.say("/undo")
        heard.append((other.hub.state.mood, other.hub.state.sound[PAN]))
    assert [pan for _, pan in heard] == [0.3, 0.2, 0.1]
    assert heard[0][0] == bench.mood
    other.close()


def test_a_session_that_is_recorded_goes_on_being_recorded(tmp_path: Path) -> None:
    scratch = tmp_path / "session.jsonl"
    bench = Bench(kept=tmp_path, session_scratch=scratch)
    bench.say("/session/record", "evening")
    bench.later(1.0)
    bench.say(PAN, 0.25)
    bench.later(1.0)
    with scratch.open("a") as file:
        file.write('{"at_s": 2.0, "val')  # it died as it wrote
    other = next_hub(bench, tmp_path, kept=tmp_path, session_scratch=scratch)
    other.later(2.0)
    other.say(PAN, 0.75)
    other.later(1.0)
    other.say("/session/stop")
    lines = [json.loads(line) for line in (tmp_path / "sessions" / "evening.jsonl").read_text().splitlines()]
    assert [(line["at_s"], line["values"]) for line in lines[1:]] == [(1.0, {PAN: 0.25}), (5.0, {PAN: 0.75})]
    assert lines[0]["length_s"] == 6.0
    assert not scratch.exists(), "a third hub has nothing to go on with"
    other.close()


def test_a_hub_that_died_when_it_had_just_kept_a_session_records_no_more(tmp_path: Path) -> None:
    scratch = tmp_path / "session.jsonl"
    bench = Bench(kept=tmp_path, session_scratch=scratch)
    bench.say("/session/record", "evening")
    text = scratch.read_text()
    bench.say("/session/stop")
    scratch.write_text(text)
    other = next_hub(bench, tmp_path, kept=tmp_path, session_scratch=scratch)
    other.later(0.1)
    assert other.hub.subscribers.shown["/session/now"] == ("none",)
    assert not scratch.exists()
    other.close()


def test_a_session_that_plays_goes_on_playing_and_leaves_alone_what_hands_hold(tmp_path: Path) -> None:
    moments = [{"at_s": at_s, "values": {PAN: at_s / 10, "/layer/bells/pan": at_s / 10}} for at_s in (1.0, 3.0, 5.0)]
    (tmp_path / "sessions").mkdir()
    lines = [{"session": 1, "begun": "", "length_s": 6.0, "changes": 3}, *moments]
    (tmp_path / "sessions" / "evening.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    bench = Bench(kept=tmp_path)
    bench.say("/session/play", "evening")
    bench.later(1.5)
    bench.say("/layer/bells/pan", -0.5)
    other = next_hub(bench, tmp_path, kept=tmp_path)
    other.later(1.0)
    assert other.hub.state.sound[PAN] == 0.3
    assert other.hub.state.sound["/layer/bells/pan"] == -0.5
    other.later(10.0)
    assert other.hub.subscribers.shown["/session/now"] == ("none",)
    other.close()


def test_a_knob_that_is_being_learnt_is_learnt_and_those_that_were_are_known(tmp_path: Path) -> None:
    bench = Bench(kept=tmp_path)
    bench.say("/midi/learn", PAN)
    other = next_hub(bench, tmp_path, kept=tmp_path)
    other.later(0.2)
    assert "turn a knob" in str(other.hub.subscribers.shown["/midi/learning"])
    for value in (10, 20, 30):
        other.say("/midi/control", 1, 7, value)
    other.later(1.0)
    other.later(1.0)
    third = next_hub(other, tmp_path, kept=tmp_path)
    assert set(third.hub.midi.bindings.knobs) == {PAN}
    third.close()


def test_presence_does_not_begin_at_nothing(tmp_path: Path) -> None:
    options = {"sensors": sensors_path("visitors")}
    bench = Bench(**options)  # type: ignore[arg-type]
    for _ in range(30):
        bench.later(1.0)
        bench.say("/sensor/people", 6.0)
    other = next_hub(bench, tmp_path, **options)
    other.later(0.1)
    assert other.hub.subscribers.shown["/presence"] == ("people 100 %",)
    other.say("/room/hello", 48_000.0, source=other.room)
    assert other.got(other.room)["/room/level_db"][0] < -4.5  # type: ignore[operator]
    other.close()


def test_a_change_of_the_day_that_came_meanwhile_is_not_missed(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "day.yaml").write_text(WEEK)
    clock = Clock(FIRST_MINUTE)
    before = Timekeeper(tmp_path / "day.yaml", lambda: MOODS, bench.hub, clock)
    memory = json.loads(json.dumps(memory_of(bench.hub, before)))
    while before.plan.at(clock.now) == before.done:
        clock.advance(minutes=1)
    after = Timekeeper(tmp_path / "day.yaml", lambda: MOODS, bench.hub, clock)
    assert after.done != before.done, "it would take as done what nobody has done"
    restore(bench.hub, after, memory)
    assert after.done == before.done
    after.step()
    assert after.done != before.done


def test_a_memory_is_taken_once_and_whatever_is_wrong_with_it_ends_nothing(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "hub.json"
    memory = HubMemory(file)
    memory.write({"subscribers": [[LOOPBACK, 5000]], "shown": 3, "undo": [], "presence": {"x": [1]}, "pages": [["a"]]})
    taken = HubMemory(file).take()
    assert not file.exists()
    restore(bench.hub, None, taken)
    assert list(bench.hub.subscribers.subscribers) == [(LOOPBACK, 5000)]
    for text in ("", "[]", "{half"):
        file.write_text(text)
        assert HubMemory(file).take() == {}

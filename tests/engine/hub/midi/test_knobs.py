"""Knobs through a hub and real sockets: learnt, kept, taken over softly, and never in the way of what MIDI means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.hub.midi.bindings import BINDABLE
from engine.hub.pages import place_of
from engine.osc.port import LOOPBACK, OscPort
from engine.parameters.addresses import MIDI_ROWS
from tests.engine.hub_bench import Bench

PAN, LEVEL, FADER = "/layer/cello/pan", "/layer/cello/level_db", "/stem/cello/level_db"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(kept=tmp_path)
    yield bench
    bench.close()


def turn(bench: Bench, controller: int, *values: int, channel: int = 1, source: OscPort | None = None) -> None:
    for value in values:
        bench.say("/midi/control", channel, controller, value, source=source)
        bench.later(0.02)


def learn(bench: Bench, path: str, controller: int, *values: int, channel: int = 1) -> None:
    bench.say("/midi/learn", path)
    turn(bench, controller, *values, channel=channel)
    bench.later(1.0)


def rows(bench: Bench) -> dict[str, tuple[str, str]]:
    """What a surface shows of the knobs: by address, which knob, and where it is to go."""
    bench.later(0.2)
    shown = [bench.hub.subscribers.shown[f"/midi/row_{number}"] for number in range(1, MIDI_ROWS + 1)]
    texts = [[str(word).replace("\N{NO-BREAK SPACE}", " ") for word in words] for words in shown]
    return {path: (knob, stands) for path, knob, stands in texts if path != "none"}


def test_a_control_is_touched_a_knob_is_turned_and_they_belong_together(bench: Bench, tmp_path: Path) -> None:
    bench.say("/state/dump")
    bench.say("/midi/learn")
    bench.later(0.2)
    assert bench.got(bench.controller)["/midi/learning"] == ("touch a control",)
    bench.say(PAN, 0.0)
    bench.later(0.2)
    assert bench.got(bench.controller)["/midi/learning"] == (f"turn a knob for {PAN}",)
    turn(bench, 74, 60, 61, channel=11)
    bench.later(1.0)
    assert bench.got(bench.controller)["/midi/learning"] == ("none",)
    assert rows(bench) == {PAN: ("ch 11 cc 74", "turn")}
    assert (tmp_path / "midi.yaml").read_text() == (
        "bindings:\n  /layer/cello/pan: {channel: 11, controller: 74, turn: 7-bit}\n"
    )
    turn(bench, 74, 63, 90, channel=11)
    assert bench.hub.state.sound[PAN] == pytest.approx(90 / 127 * 2 - 1, abs=0.01)
    assert bench.got(bench.renderer)[PAN][0] == pytest.approx(90 / 127 * 2 - 1, abs=0.01)
    turn(bench, 74, 10, channel=12)
    assert bench.hub.state.sound[PAN] == pytest.approx(90 / 127 * 2 - 1, abs=0.01), "another channel is another knob"


def test_a_knob_does_nothing_before_it_passes_where_the_control_stands(bench: Bench) -> None:
    bench.say(FADER, -24.0)
    learn(bench, FADER, 7, 100, 101)
    at = round(127 * place_of(BINDABLE[FADER], -24.0))
    turn(bench, 7, 120, 110)
    assert bench.hub.state.room[FADER] == -24.0
    assert rows(bench)[FADER] == ("ch 1 cc 7", "↓ down")
    turn(bench, 7, at + 5)
    assert bench.hub.state.room[FADER] == -24.0
    turn(bench, 7, at - 5)
    assert bench.hub.state.room[FADER] == pytest.approx(-24.0 - 5 * 72 / 127, abs=0.3)
    assert rows(bench)[FADER][1] == "holds"
    turn(bench, 7, 127)
    assert bench.hub.state.room[FADER] == 12.0
    bench.later(1.0)
    bench.say(FADER, -10.0)
    assert rows(bench)[FADER][1] == "↓ down", "a hand on the surface takes it away from the knob"
    turn(bench, 7, 126)
    assert bench.hub.state.room[FADER] == -10.0


def test_a_mood_change_takes_hold_away_and_a_second_device_takes_hold_itself(bench: Bench) -> None:
    other = OscPort(LOOPBACK, 0)
    bench.say(PAN, 0.0)
    learn(bench, PAN, 10, 0, 1)
    turn(bench, 10, 63, 64, 100)
    before = bench.hub.state.sound[PAN]
    assert before == pytest.approx(100 / 127 * 2 - 1, abs=0.01)
    turn(bench, 10, 20, source=other)
    assert bench.hub.state.sound[PAN] == before, "the same knob at another machine is where it is"
    turn(bench, 10, 105, source=other)
    assert bench.hub.state.sound[PAN] == pytest.approx(105 / 127 * 2 - 1, abs=0.01)
    bench.say("/undo")
    bench.later(0.5)
    undone = bench.hub.state.sound[PAN]
    turn(bench, 10, 126, source=other)
    assert bench.hub.state.sound[PAN] == undone
    other.close()


def test_fourteen_bits_are_told_from_seven_and_turn_finely(bench: Bench) -> None:
    bench.say(LEVEL, -27.0)
    bench.say("/midi/learn", LEVEL)
    for upper, lower in ((10, 5), (10, 9)):
        turn(bench, 16, upper)
        turn(bench, 48, lower)
    bench.later(1.0)
    assert rows(bench)[LEVEL][0] == "ch 1 cc 16 14-bit"
    place = place_of(BINDABLE[LEVEL], -27.0)
    for step in (-2, 1, 0, 1, 2, 3):
        upper, lower = divmod(round(place * 16_383) + 20 * step, 128)
        turn(bench, 16, upper)
        turn(bench, 48, lower)
    assert bench.hub.state.sound[LEVEL] == pytest.approx(-27.0 + 60 / 16_383 * 66, abs=0.06)


@pytest.mark.parametrize(("up", "down", "kind"), [(1, 127, "relative"), (65, 63, "relative")])
def test_knobs_without_an_end_move_from_where_the_control_stands(bench: Bench, up: int, down: int, kind: str) -> None:
    bench.say("/layer/cello/reverb", 0.5)
    learn(bench, "/layer/cello/reverb", 20, up, up, up)
    assert rows(bench)["/layer/cello/reverb"] == (f"ch 1 cc 20 {kind}", "holds")
    turn(bench, 20, *[up] * 10)
    assert bench.hub.state.sound["/layer/cello/reverb"] == pytest.approx(0.5 + 10 / 127, abs=0.005)
    bench.say("/layer/cello/reverb", 0.25)
    turn(bench, 20, *[down] * 5)
    assert bench.hub.state.sound["/layer/cello/reverb"] == pytest.approx(0.25 - 5 / 127, abs=0.005)
    octave = int(bench.hub.state.sound["/voice/cello/octave"])
    learn(bench, "/voice/cello/octave", 21, up, up)
    turn(bench, 21, *[up if octave < 2 else down] * 40)
    assert bench.hub.state.sound["/voice/cello/octave"] != octave, "small steps add up to whole ones"


def test_buttons_press_and_switch(bench: Bench) -> None:
    learn(bench, "/stem/cello/mute", 50, 127)
    learn(bench, "/phrase/next", 51, 127)
    turn(bench, 50, 127)
    assert bench.hub.state.room["/stem/cello/mute"] == 1
    turn(bench, 50, 0)
    assert bench.hub.state.room["/stem/cello/mute"] == 0
    bench.got(bench.renderer)
    turn(bench, 51, 127, 127, 0)
    assert "/phrase/next" in bench.got(bench.renderer)
    turn(bench, 51, 0, 3)
    assert "/phrase/next" not in bench.got(bench.renderer)


@pytest.mark.parametrize("controller", [0, 32, 64, 120, 121, 123, 127])
def test_what_has_a_meaning_in_midi_is_left_alone(bench: Bench, controller: int) -> None:
    bench.say("/midi/learn", PAN)
    turn(bench, controller, 0, 127)
    bench.later(1.0)
    assert rows(bench) == {}
    turn(bench, 74, 3, 4)
    bench.later(1.0)
    assert rows(bench)[PAN][0] == "ch 1 cc 74", "and it waits for a knob that may be bound"


def test_learning_ends_when_asked_again_and_after_a_minute(bench: Bench) -> None:
    bench.say("/midi/learn")
    bench.say("/midi/learn")
    bench.say(PAN, 0.5)
    turn(bench, 9, 1, 2)
    bench.say("/midi/learn", PAN)
    bench.later(61.0)
    turn(bench, 9, 1, 2)
    bench.later(1.0)
    assert rows(bench) == {}
    bench.say("/midi/learn", "/seed")
    assert bench.got(bench.controller)["/error"] == ("/midi/learn", "/midi/learn: /seed cannot have a knob")


def test_a_knob_is_let_go_of_alone_or_with_all_others_and_the_file_before_is_kept(bench: Bench, tmp_path: Path) -> None:
    learn(bench, PAN, 1, 1, 2)
    learn(bench, LEVEL, 1, 1, 2)
    assert set(rows(bench)) == {PAN, LEVEL}, "one knob may move two things"
    bench.say("/midi/forget", FADER)
    assert FADER in str(bench.got(bench.controller)["/error"][1])
    bench.say("/midi/forget", PAN)
    assert set(rows(bench)) == {LEVEL}
    assert PAN in (tmp_path / ".previous" / "midi.yaml").read_text()
    bench.say("/midi/clear")
    assert rows(bench) == {}
    assert (tmp_path / "midi.yaml").read_text() == "bindings: {}\n"
    assert not list(tmp_path.glob("*.tmp"))


def test_another_run_knows_the_knobs_and_an_edit_is_taken_in_or_complained_about(tmp_path: Path) -> None:
    file = tmp_path / "midi.yaml"
    file.write_text(f"bindings:\n  {PAN}: {{channel: 2, controller: 5}}\n")
    bench = Bench(kept=tmp_path)
    assert set(rows(bench)) == {PAN}
    file.write_text(f"bindings:\n  {PAN}: {{channel: 20, controller: 5}}\n")
    bench.later(1.0)
    bench.later(1.0)
    [(_, what)] = bench.troubles
    assert str(what).startswith(f"{file}, line 2, bindings.{PAN}.channel: ")
    assert set(rows(bench)) == {PAN}
    file.write_text("bindings:\n  /layer/cello/pam: {channel: 2, controller: 5}\n")
    bench.later(1.0)
    bench.later(1.0)
    assert "Did you mean '/layer/cello/pan'" in bench.troubles[-1][1]
    file.write_text(f"bindings:\n  {LEVEL}: {{channel: 2, controller: 64}}\n")
    bench.later(1.0)
    bench.later(1.0)
    assert "left alone" in bench.troubles[-1][1]
    file.write_text(f"bindings:\n  {LEVEL}: {{channel: 2, controller: 5}}\n")
    bench.later(1.0)
    bench.later(1.0)
    assert set(rows(bench)) == {LEVEL}
    bench.close()


@pytest.mark.parametrize("words", [(1, 2), (0, 1, 2), (1, 128, 2), (1, 2, -1), (1, 2, "x"), (1, 2, 0.5), (1, 2, 3, 4)])
def test_what_is_no_midi_is_refused(bench: Bench, words: tuple[object, ...]) -> None:
    bench.say("/midi/control", *words)
    assert bench.got(bench.controller)["/error"][0] == "/midi/control"


def test_a_folder_that_cannot_be_written_is_said_and_the_knob_works_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file in its place")
    bench = Bench(kept=tmp_path / "folder")
    learn(bench, PAN, 3, 1, 2)
    assert "until the end of this run" in bench.troubles[-1][1]
    assert set(rows(bench)) == {PAN}
    bench.close()

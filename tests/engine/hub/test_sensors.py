"""Sensors through the hub: who comes in moves parameters, and leaves the faders alone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from engine.hub.presence.settings import sensors_path
from tests.engine.hub_bench import Bench


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
    bench.say("/room/hello", 48_000.0, source=bench.room)
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
    [(where, what)] = bench.troubles
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
    assert bench.hub.subscribers.shown["/presence"] == ("people 0 %",)
    file.unlink()
    bench.later(1.0)
    bench.later(1.0)
    assert "is gone" in bench.troubles[-1][1]
    bench.close()

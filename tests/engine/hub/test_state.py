"""The state that outlives the processes it belongs to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import ControlError
from engine.hub.state import ControlState
from engine.parameters.addresses import SOUND, find, settings_from_values
from engine.parameters.moods import list_moods, load_mood


def test_what_is_written_restores_the_settings(tmp_path: Path) -> None:
    name = list_moods()[0]
    state = ControlState.of_mood(name, load_mood(name), seed=5)
    state.set(find("/layer/bells/reverb"), 0.75)
    state.write(tmp_path / "state.json")
    read = json.loads((tmp_path / "state.json").read_text())
    assert (read["mood"], read["seed"]) == (name, 5)
    assert set(read["values"]) == {row.path for row in SOUND}
    assert settings_from_values(read["values"]).layer.bells.reverb == 0.75
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_what_cannot_be_used_leaves_the_state_alone() -> None:
    state = ControlState("any", 1)
    before = state.values
    with pytest.raises(ControlError, match="major"):
        state.set(find("/scale/mode"), "mayor")
    with pytest.raises(ControlError, match="holds no value"):
        state.set(find("/phrase/next"), 1)
    assert state.values == before


def test_another_hub_begins_with_all_values_and_leaves_out_what_is_none(tmp_path: Path) -> None:
    name = list_moods()[0]
    state = ControlState.of_mood(name, load_mood(name), seed=5)
    for path, value in (
        ("/layer/bells/reverb", 0.75),
        ("/room/level_db", -6.0),
        ("/pad/x", 0.25),
        ("/mood/morph_s", 3.0),
        ("/layer/texture_1/file", ""),
    ):
        state.set(find(path), value)
    file = tmp_path / "state.json"
    state.write(file)
    assert ControlState.read(file) == state
    contents = json.loads(file.read_text())
    contents["room"] |= {"/room/level_db": "loud", "/no/such": 1}
    file.write_text(json.dumps(contents))
    read = ControlState.read(file)
    assert read
    assert read.room["/room/level_db"] == 0.0
    assert {**read.values, "/room/level_db": -6.0} == state.values
    file.write_text("{half")
    assert ControlState.read(file) is None
    assert ControlState.read(tmp_path / "none.json") is None

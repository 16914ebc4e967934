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

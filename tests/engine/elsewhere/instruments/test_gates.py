"""An instrument is silent where its loudspeakers would be."""

from __future__ import annotations

from pathlib import Path

from engine.elsewhere.instruments.gates import Gates
from engine.hub.state import ControlState


def written(path: Path, **values: float) -> Gates:
    state = ControlState("gymnopedie", 1)
    for address, value in values.items():
        state.room["/" + address.replace("__", "/")] = value
    state.write(path)
    gates = Gates(path)
    assert gates.look()
    assert not gates.look(), "only when it is new"
    return gates


def test_an_untouched_room_lets_everything_through(tmp_path: Path) -> None:
    gates = written(tmp_path / "state.json")
    assert not gates.silent
    assert not gates.closed


def test_mutes_solos_and_closed_faders_silence_voices(tmp_path: Path) -> None:
    assert written(tmp_path / "a.json", stem__piano__mute=1).silent == {"piano"}
    assert written(tmp_path / "b.json", stem__bells__level_db=-60.0).silent == {"bells"}
    solo = written(tmp_path / "c.json", stem__cello__solo=1)
    assert "cello" not in solo.silent
    assert "piano" in solo.silent


def test_a_room_faded_to_silence_is_closed(tmp_path: Path) -> None:
    assert written(tmp_path / "a.json", room__silent=1).closed
    assert written(tmp_path / "b.json", room__level_db=-60.0).closed


def test_what_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    gates = written(path, stem__piano__mute=1)
    path.write_text("{", "utf-8")
    assert not gates.look()
    assert gates.silent == {"piano"}
    assert not Gates(tmp_path / "none.json").look()

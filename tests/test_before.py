"""What people had before the house was rebuilt still works: commands, addresses, journals, sessions, learnt knobs.

`before/` was written with commit 23ce222: commands with their options, addresses with types, ranges and units, the
journal of ten seconds without SoundFont and textures, and in `state/` a session in which controls of every kind are
moved and each mood is chosen, and `midi.yaml` with as many knobs as there may be, of which four were learnt by turning.
Presets have not changed since.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from engine.cli.app import app
from engine.cli.networks import textures
from engine.errors import TextureError
from engine.hub.midi.bindings import BINDABLE, Bindings, text_of
from engine.hub.sessions.session import SessionError
from engine.hub.sessions.store import SessionStore
from engine.journal.reader import Losses, read_stream
from engine.parameters.address_table import markdown_table
from tests.command_tree import commands
from tests.engine.hub_bench import Bench

BEFORE = Path(__file__).parent / "before"


@pytest.mark.parametrize(
    "line", (BEFORE / "commands.txt").read_text("utf-8").splitlines(), ids=lambda line: line.split()[0]
)
def test_a_command_has_all_its_options(line: str) -> None:
    name, *options = line.split()
    assert set(options) - commands()[name] == set()


def test_addresses_have_the_types_ranges_and_units_they_had() -> None:
    def rows(text: str) -> Mapping[str, list[str]]:
        cells = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.startswith("| `")]
        return {address: more[:3] for _, address, *more in cells}

    before, now = rows((BEFORE / "addresses.md").read_text("utf-8")), rows(markdown_table())
    assert len(before) > 100
    for grown in ("/voice/VOICE/instrument", "/performer/visitors"):
        kept, chosen = before.pop(f"`{grown}`"), now[f"`{grown}`"]
        assert set(kept[1].split(", ")) < set(chosen[1].split(", ")), f"{grown}: a choice may come, none may go"
    assert {address: now.get(address) for address in before} == before


def test_sizes_of_networks_that_could_once_be_given_are_passed_over_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def far_enough(_: str) -> None:
        raise TextureError("nothing is trained here")

    monkeypatch.setattr(textures, "need_torch", far_enough)
    said = CliRunner().invoke(
        app, ["textures", "train", "--corpus", str(tmp_path), "--out", str(tmp_path), "--layers", "24"]
    )
    assert "sizes of networks are fixed" in said.output


def test_help_that_drawing_once_needed_is_passed_over_and_that_is_said() -> None:
    given = ["--from-noise", "--attune", "0.5", "--primer", "x.wav"]
    said = CliRunner().invoke(app, ["textures", "generate", "--style", "polka", "--network", "none", *given])
    assert "networks draw by themselves" in said.output


def test_a_journal_of_before_is_replayed_and_only_the_engine_is_another(tmp_path: Path) -> None:
    records = list(read_stream(BEFORE / "journal", "engine", Losses()))
    playing = next(record for record in records if record.kind == "playing")
    at = datetime.fromtimestamp(playing.wall_s, UTC) + timedelta(seconds=0.5)
    out = tmp_path / "again"
    state = tmp_path / "state"
    state.mkdir()
    (state / "journal").symlink_to(BEFORE / "journal")
    command = ["replay", "--at", at.isoformat(" "), "--minutes", "0.05", "--out", str(out), "--state", str(state)]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    said = json.loads((out / "stretch.json").read_text("utf-8"))
    assert len(said["pieces"]) == 1
    engine, voices = said["not_as_it_was"]
    assert "the engine is another" in engine
    assert "voices are synthesised" in voices, "as they were then"
    assert np.abs(soundfile.read(out / "mix.flac")[0]).max() > 0.01
    assert b"\x90" in (out / "score.mid").read_bytes(), "no note begins"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A copy of what an installation of then left: a hub may write there."""
    return shutil.copytree(BEFORE / "state", tmp_path / "state")


def test_a_session_of_before_sets_what_it_says(state: Path) -> None:
    """Played by today's hub, from another mood: each value that the file ends with is what is set."""
    lines = [json.loads(line) for line in (state / "sessions" / "evening.jsonl").read_text("utf-8").splitlines()]
    head, *moments = lines
    assert head["changes"] == len(moments) == len(SessionStore(state).load("evening").moments)
    wanted = {path: value for moment in moments for path, value in moment.get("values", {}).items()}
    assert len(wanted) > 100, "moods are in it as a whole"
    bench = Bench(mood="vexations", kept=state)
    assert {path: value for path, value in bench.hub.state.values.items() if path in wanted} != wanted, "the control"
    bench.say("/session/play", "evening")
    for _ in range(round(head["length_s"]) + 1):
        bench.later(1.0)
    assert bench.troubles == []
    values = bench.hub.state.values
    assert {path: values.get(path) for path in wanted} == wanted


def test_a_session_of_another_version_says_so_with_file_and_line(state: Path) -> None:
    file = state / "sessions" / "evening.jsonl"
    file.write_text(file.read_text("utf-8").replace('"session": 1', '"session": 2', 1), "utf-8")
    with pytest.raises(SessionError, match=r"evening\.jsonl, line 1: not a session of version 1"):
        SessionStore(state).load("evening")


def test_a_control_that_is_no_more_is_named_where_an_old_session_moves_it(state: Path) -> None:
    file = state / "sessions" / "evening.jsonl"
    file.write_text(file.read_text("utf-8").replace("/layer/cello/level_db", "/layer/zither/level_db", 1), "utf-8")
    with pytest.raises(SessionError, match=r"evening\.jsonl, line 2, /layer/zither/level_db: is no address"):
        SessionStore(state).load("evening")


def test_knobs_of_before_move_what_they_moved(state: Path) -> None:
    text = (state / "midi.yaml").read_text("utf-8")
    bindings = Bindings(state)
    assert [bindings.look(), bindings.look()] == ["", ""], "a file is taken when it has been left alone for a look"
    assert text_of(bindings.knobs) == text
    assert len(bindings.knobs) == 128
    assert {BINDABLE[path].kind for path in bindings.knobs} == {"float", "int", "switch", "text", "none"}
    assert {knob.turn for knob in bindings.knobs.values()} == {"7-bit", "14-bit", "relative", "relative_64"}


def test_a_knob_for_what_is_no_more_is_named_and_the_others_stay(state: Path) -> None:
    bindings = Bindings(state)
    bindings.look(), bindings.look()
    bound = dict(bindings.knobs)
    file = state / "midi.yaml"
    file.write_text(file.read_text("utf-8").replace("/conductor/recall:", "/conductor/recalls:"), "utf-8")
    bindings.look()
    assert "'/conductor/recalls' cannot have a knob. Did you mean" in bindings.look()
    assert bindings.knobs == bound

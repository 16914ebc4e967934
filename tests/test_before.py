"""What people had before the house was rebuilt still works: commands, addresses, and journals.

`before/` was written with commit 23ce222: commands with their options, addresses with types, ranges and units, and
the journal of ten seconds without SoundFont and textures. Presets have not changed since.
"""

from __future__ import annotations

import json
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
from engine.journal.reader import Losses, read_stream
from engine.parameters.address_table import markdown_table
from tests.command_tree import commands

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
    grown = "/voice/VOICE/instrument"
    kept, chosen = before.pop(f"`{grown}`"), now[f"`{grown}`"]
    assert set(kept[1].split(", ")) < set(chosen[1].split(", ")), "an instrument may come, none may go"
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

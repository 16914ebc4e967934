"""Instruments: a file that is put there is one; a wrong file is told apart from a right one."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from engine.errors import InstrumentError
from engine.files.paths import INSTRUMENTS_FOLDER
from engine.parameters.addresses import TABLE
from engine.parameters.instruments import (
    GENERAL_MIDI,
    GeneralMidi,
    general_midi,
    instrument_names,
    read_instruments,
    recorded_instruments,
)

GOOD = (INSTRUMENTS_FOLDER / "piano.yaml").read_text("utf-8")


def test_every_instrument_is_a_choice_of_every_voice() -> None:
    address = next(one for one in TABLE.values() if one.path == "/voice/piano/instrument")
    assert address.choices == instrument_names()
    assert {path.stem for path in INSTRUMENTS_FOLDER.glob("*.yaml")} < set(address.choices) | {"piano"}
    assert set(get_args(GeneralMidi)) == set(GENERAL_MIDI)


def test_what_plays_in_its_place_is_general_midis() -> None:
    assert {general_midi(name) for name in instrument_names()} <= set(GENERAL_MIDI)
    assert (general_midi("felt_piano"), general_midi("pianet"), general_midi("cello")) == (
        "piano",
        "electric_piano",
        "cello",
    )


def test_a_file_that_is_put_there_is_an_instrument(tmp_path: Path) -> None:
    assert read_instruments(tmp_path) == {}
    (tmp_path / "old_piano.yaml").write_text(GOOD.replace("release_s: 0.7", "release_s: 2"), "utf-8")
    found = read_instruments(tmp_path)
    assert found["old_piano"].release_s == 2.0
    assert recorded_instruments()["piano"].release_s == 0.7


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("velocity_to: 127", "velocity_to: 120", "127"),
        ("velocity_to: 42", "velocity_to: 30", "rise"),
        ("like: piano", "like: pianola", "like"),
        ("release_s: 0.7", "release_s: 0", "release_s"),
        ("credit: Alexander Holm", "credits: Alexander Holm", "credit"),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_key(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    (tmp_path / "old_piano.yaml").write_text(GOOD.replace(right, wrong), "utf-8")
    with pytest.raises(InstrumentError, match=f"(?s)old_piano.yaml.*{named}"):
        read_instruments(tmp_path)

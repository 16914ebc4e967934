"""What is seen of a patch in the way of a stem before Pd opens it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from engine.files.paths import PATCHES_FOLDER
from engine.room.inserts import unusable_inserts, usable_inserts, why_unusable
from engine.room.pd_process import Outlet, room_command, spare_room_command

TEMPLATE = PATCHES_FOLDER / "insert-template.pd"
HEAD = "#N canvas 60 60 600 400 12;\n"
TWO_IN = "#X obj 30 30 inlet~;\n#X obj 90 30 inlet~;\n"
TWO_OUT = "#X obj 30 90 outlet~;\n#X obj 90 90 outlet~;\n"


def test_the_template_may_be_opened() -> None:
    assert why_unusable(TEMPLATE) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no Pd patch"),
        ("no patch at all", "no Pd patch"),
        ("#N canvas;\n#X obj;\n#X connect 7 7 7 7;\n", "no Pd patch"),
        (HEAD + TWO_IN + "#X obj 30 90 outlet~;\n", "has 1 outlet~"),
        (HEAD + TWO_IN, "has 0 outlet~"),
        (HEAD + TWO_OUT, "has 0 inlet~"),
        (HEAD + TWO_IN + TWO_OUT + "#X restore 30 30 pd own;\n", "damaged"),
        (HEAD + TWO_IN + "#N canvas 0 0 400 300 inside 0;\n" + TWO_OUT, "damaged"),
        (HEAD + TWO_IN + "#N canvas 0 0 400 300 inside 0;\n" + TWO_OUT + "#X restore 30 60 pd inside;\n", "0 outlet~"),
        (HEAD + TWO_IN + TWO_OUT + "#X connect 0 a 1 0;\n", "no Pd patch"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "own.pd"
    path.write_text(text, "utf-8")
    assert says in why_unusable(path)


@pytest.mark.parametrize(
    ("name", "says"), [("gone.pd", "No such file"), ("own.txt", "ends in .pd"), ("one; two.pd", "rename it")]
)
def test_so_is_what_is_wrong_with_its_name(name: str, says: str, tmp_path: Path) -> None:
    assert says in why_unusable(tmp_path / name)


def test_one_that_cannot_be_used_is_named_and_the_others_are_used(tmp_path: Path) -> None:
    inserts = {"cello": str(TEMPLATE), "bells": str(tmp_path / "gone.pd")}
    assert usable_inserts(inserts) == {"cello": TEMPLATE}
    (line,) = unusable_inserts(inserts)
    assert line.startswith("inserts.bells: ")


def test_the_room_is_told_before_it_starts(tmp_path: Path) -> None:
    outlet = Outlet(inserts={"cello": tmp_path / "my own.pd"})
    for command in (
        room_command(Path("pd"), 9100, tmp_path / "hold.wav", audio=False, outlet=outlet),
        spare_room_command(Path("pd"), 9100, audio=False, outlet=outlet, supervisor_port=9200),
    ):
        sent = [said for option, said in pairwise(command) if option == "-send"]
        assert sent[0] == f"room-insert cello symbol {tmp_path}/my\\ own"
        assert len(sent) == 2

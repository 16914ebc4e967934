"""The reference as Markdown: a row for each address or family of them, with what a person needs to send it."""

from __future__ import annotations

import re

from engine.parameters.address_table import markdown_table
from engine.parameters.addresses import REPORTS, TABLE

ROWS = re.findall(r"^\| (`/.*) \|$", markdown_table(), re.MULTILINE)


def test_each_address_or_family_has_one_row() -> None:
    named = [row.split(" ")[0].strip("`") for row in ROWS]
    assert len(named) == len(set(named))
    assert set(named) == {row.family or row.path for row in TABLE.values()}


def test_a_row_has_type_range_unit_default_and_meaning() -> None:
    assert "`/effects/reverb_s` | f | 0.5 … 20, log | s | 5 | how long the reverb rings" in ROWS
    assert any(row.startswith("`/voice/VOICE/octave` | i | -2 … 2 | octaves | 0 |") for row in ROWS)
    assert any(row.startswith("`/phrase/next` | none |  |  |  |") for row in ROWS)


def test_members_of_a_family_with_defaults_of_their_own_name_them() -> None:
    (row,) = [row for row in ROWS if row.startswith("`/layer/STEM/pan`")]
    assert "0 (piano reverse), -0.3 (cello), 0.35 (bells)" in row


def test_what_only_comes_from_the_installation_stands_apart() -> None:
    before, after = markdown_table().split("## From the installation only")
    for row in REPORTS:
        assert f"`{row.family or row.path}`" in after
        assert f"| `{row.family or row.path}` |" not in before

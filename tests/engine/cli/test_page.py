"""`page` and `pin` as typed: an address that opens, a QR code that says the same, PINs that work."""

from __future__ import annotations

from pathlib import Path

import pytest
import segno
from typer.testing import CliRunner

from engine.cli.app import app
from engine.hub.oscquery.own_addresses import page_address
from engine.hub.oscquery.pins import Pins
from engine.hub.oscquery.roles import Role


def typed(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def drawn(output: str) -> list[list[bool]]:
    """The modules of a compact QR code, dark as True, without its border: two rows in a line of half blocks."""
    lines = [line for line in output.splitlines() if line and set(line.strip("\x1b[0m7;49")) <= set("█▀▄ ")]
    rows = []
    for line in lines:
        text = "".join(one for one in line if one in "█▀▄ ")
        rows.append([one in "█▀" for one in text])
        rows.append([one in "█▄" for one in text])
    return rows


def test_page_shows_where_it_is_and_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    output = typed("page", "--port", "9200")
    address = page_address(9200)
    assert output.splitlines()[0] == address
    assert address.endswith(":9200/web/")
    matrix = [[bool(one) for one in row] for row in segno.make(address, error="m", micro=False).matrix]
    found = drawn(output)
    inverse = [[not one for one in row] for row in found]
    inside = [[row[2 : 2 + len(matrix)] for row in picture[2 : 2 + len(matrix)]] for picture in (found, inverse)]
    assert matrix in inside
    other = segno.make(f"{address}x", error="m", micro=False).matrix
    assert [[bool(one) for one in row] for row in other] not in inside, "the control"


def test_a_pin_is_made_works_and_is_taken_away(tmp_path: Path) -> None:
    output = typed("pin", "play", "--state", str(tmp_path))
    chosen = output.split("PIN for play: ")[1].split()[0]
    assert len(chosen) == 6
    assert f"#pin={chosen}" in output
    assert Pins(tmp_path).role_of(chosen) == Role.PLAY
    typed("pin", "service", "--set", "correct horse", "--state", str(tmp_path))
    assert Pins(tmp_path).role_of("correct horse") == Role.SERVICE
    typed("pin", "play", "--remove", "--state", str(tmp_path))
    assert Pins(tmp_path).role_of(chosen) is None
    assert Pins(tmp_path).role_of("correct horse") == Role.SERVICE


def test_a_pin_that_is_too_short_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["pin", "play", "--set", "123", "--state", str(tmp_path)])
    assert "6 to 128 characters" in str(done.exception)
    assert not (tmp_path / "pins.json").exists()

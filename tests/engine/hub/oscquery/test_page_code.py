"""The runs that a surface draws are the code that a phone reads."""

from __future__ import annotations

import pytest
import segno

from engine.hub.access import PRIVATE
from engine.hub.oscquery import page_code
from engine.hub.oscquery.page_code import FIRST, code_of, open_page

ADDRESSES = ("http://10.0.0.2:9100/web/", "http://192.168.178.123:9100/web/", "http://192.168.178.123:65531/web/")


def drawn(size: int, runs: str) -> list[list[int]]:
    """As the surface does it."""
    rows: list[list[int]] = [[]]
    dark = 0
    for letter in runs:
        if len(rows[-1]) == size:
            rows.append([])
            dark = 0
        rows[-1] += [dark] * (ord(letter) - FIRST)
        dark = 1 - dark
    return rows


@pytest.mark.parametrize("address", ADDRESSES)
def test_runs_are_the_code(address: str) -> None:
    size, runs = code_of(address)
    assert size <= 33
    assert len(runs) < 1000, "Pd's symbols"
    assert set(runs) <= set(map(chr, range(FIRST, FIRST + size + 1)))
    assert drawn(size, runs) == [list(row) for row in segno.make(address, error="m", micro=False).matrix]


def test_nobody_else_may_open_it_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_code, "page_address", lambda port, _: f"http://10.0.0.2:{port}/web/")
    assert open_page(9100, False, PRIVATE) == "none"
    assert open_page(9100, True, PRIVATE) == "http://10.0.0.2:9100/web/"
    monkeypatch.setattr(page_code, "page_address", lambda port, _: f"http://127.0.0.1:{port}/web/")
    assert open_page(9100, True, PRIVATE) == "none", "no network, no phone"

"""The page of takes as a browser asks for it: offers, sounds, a choice; and no other machine and no other page."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from engine.album.choosing.choices import read_choices
from engine.album.choosing.chooser import Chooser
from engine.album.choosing.page import choosing_app
from engine.album.plan.plan import load_plan
from tests.engine.album.choosing.test_chooser import SHEET
from tests.engine.album.performance.test_performance import Draws


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    (tmp_path / "two.yaml").write_text(SHEET, "utf-8")
    return tmp_path / "two.yaml"


def asked(
    sheet: Path, path: str, method: str = "GET", host: str = "127.0.0.1:8000", origin: str = ""
) -> tuple[int, bytes]:
    """Status and body, by ASGI, as a server asks."""
    chooser = Chooser(load_plan(sheet), sheet, 7, 2, lambda _: Draws(), None)
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin else [])]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers, "root_path": ""}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(choosing_app(chooser, "Two <b>")(scope, receive, send))
    return int(sent[0]["status"]), b"".join(message.get("body", b"") for message in sent)


def test_the_page_names_every_section_with_a_piano(sheet: Path) -> None:
    status, body = asked(sheet, "/")
    assert status == 200
    text = body.decode()
    assert 'data-place="1/opening"' in text
    assert 'data-place="1/pause"' not in text
    assert "Two &lt;b&gt;" in text


def test_takes_are_told_heard_and_chosen(sheet: Path) -> None:
    status, body = asked(sheet, "/takes/1/opening")
    assert (status, len(json.loads(body))) == (200, 2)
    assert asked(sheet, "/sound/1/opening/1")[1][:4] == b"OggS"
    assert asked(sheet, "/choose/1/opening/1", "POST")[0] == 200
    kept = read_choices(sheet)
    assert kept is not None
    assert kept.tracks == {1: {"opening": 1}}


def test_what_is_not_there_is_not_found_and_says_so(sheet: Path) -> None:
    status, body = asked(sheet, "/takes/1/close")
    assert status == 404
    assert "no section" in json.loads(body)["problem"]


@pytest.mark.parametrize(("host", "origin"), [("evil.example:8000", ""), ("127.0.0.1:8000", "http://evil.example:80")])
def test_nobody_else_may_ask(sheet: Path, host: str, origin: str) -> None:
    assert asked(sheet, "/choose/1/opening/1", "POST", host, origin)[0] == 403
    assert read_choices(sheet) is None

"""One table of what the processes say: names once, types checked, what is shown outside is in the public table."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from engine.files.paths import ROOT
from engine.osc import messages
from engine.osc.dispatcher import Dispatcher
from engine.osc.messages import METERS, SHOWN, Order, Report, fits, is_report
from engine.parameters.addresses import REPORTS, TABLE

TYPES = {row.path: row.own_types for row in REPORTS}


def test_an_address_is_one_message() -> None:
    addresses = Counter([*Report, *Order, *METERS])
    assert [address for address, count in addresses.items() if count > 1] == []
    assert all(is_report(path) for path in (*Report, *METERS))


@pytest.mark.parametrize("path", sorted(SHOWN))
def test_what_is_shown_outside_is_what_the_public_table_promises(path: str) -> None:
    example = tuple("x" if kind == "s" else 1.0 for kind in TYPES[path])
    assert fits(path, example)


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        (Report.ROOM_METER, ("loud", 1.0)),
        (Report.ROOM_METER, (1.0,)),
        (Report.ROOM_METER, (float("nan"), 1.0)),
        (Report.PHRASE_NOW, (1.0,)),
        (Report.LAMP, (1.0, "room")),
        ("/meter/cello", (-20.0, "x")),
    ],
)
def test_what_a_report_does_not_promise_reaches_nobody(
    path: str, arguments: tuple[object, ...], caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []
    reports = Dispatcher()
    reports.subscribe(lambda path, *_: heard.append(path))
    for _ in range(3):
        reports.dispatch(path, arguments, 0.0)
    assert (heard, reports.malformed) == ([], 3)
    assert [record.getMessage().startswith(path) for record in caplog.records] == [True], "told once"


def test_reports_go_to_who_subscribed_in_the_order_in_which_they_did() -> None:
    heard: list[tuple[str, object]] = []
    reports = Dispatcher()
    reports.subscribe(lambda path, arguments, now_s: heard.append(("one", now_s)), Report.ROOM_LATE, Report.ROOM_QUEUE)
    reports.subscribe(lambda path, arguments, now_s: heard.append(("all", arguments)))
    reports.dispatch(Report.ROOM_LATE, (1.0,), 5.0)
    reports.dispatch(Report.ROOM_HOLD, (1.0,), 6.0)
    assert heard == [("all", (1.0,)), ("one", 5.0), ("all", (1.0,))]


def test_no_other_module_of_the_engine_spells_an_inner_address() -> None:
    """`/phrase/now` stood in seven modules. What the public table has as well may stand there too."""
    inner = {str(message) for message in (*Report, *Order)}
    table = {Path(messages.__file__), ROOT / "engine" / "parameters" / "addresses.py"}
    found = [
        f"{path.relative_to(ROOT)}: {node.value}"
        for path in sorted((ROOT / "engine").rglob("*.py"))
        if path not in table
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in inner
    ]
    assert found == []
    assert set(TABLE) & inner == (SHOWN - METERS) | {Report.ERROR}


def test_reports_are_known_by_their_address() -> None:
    assert is_report("/room/meter")
    assert is_report("/meter/piano")
    assert not is_report("/meter/kazoo")
    assert not is_report("/layer/piano/level_db")


@pytest.mark.parametrize(
    ("path", "arguments", "believed"),
    [
        ("/room/meter", (-20.0, -21.0), True),
        ("/room/meter", (-20, -21), True),
        ("/room/meter", (float("inf"), -20.0), False),
        ("/meter/piano", (-20.0, -20.0), True),
        ("/meter/piano", (), False),
        ("/phrase/now", ("satie #12",), True),
        ("/room/hello", (), True),
        ("/room/hello", ("x", 1, None), True),
    ],
)
def test_arguments_must_be_what_the_address_promises(path: str, arguments: tuple[object, ...], believed: bool) -> None:
    assert fits(path, arguments) is believed

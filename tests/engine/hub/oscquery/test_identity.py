"""Every role at every kind of address: what it may do and what it may not, over HTTP and over a WebSocket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from starlette.requests import HTTPConnection

from engine.hub.oscquery.identity import COOKIE, TRIES_BURST, Identity, TooManyTriesError
from engine.hub.oscquery.packets import take
from engine.hub.oscquery.pins import Pins, new_pin
from engine.hub.oscquery.roles import Role, least_role, may_set
from engine.osc.messages import METERS, Report
from engine.osc.port import LOOPBACK, encode
from engine.parameters.address import Address
from engine.parameters.addresses import TABLE
from tests.engine.hub.oscquery.web_bench import WebBench

HOUSE = "192.168.1.20"
PLAY, SERVICE = "482913", "k7m2p9q4rs"


@pytest.fixture(scope="module")
def pins(tmp_path_factory: pytest.TempPathFactory) -> Pins:
    one = Pins(tmp_path_factory.mktemp("pins"))
    one.set(Role.PLAY, PLAY)
    one.set(Role.SERVICE, SERVICE)
    return one


def asked(host: str, headers: dict[str, str] | None = None) -> HTTPConnection:
    given = {"host": "192.168.1.5:9100", **{name.lower(): value for name, value in (headers or {}).items()}}
    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (host, 5)})


def role(pins: Pins, host: str, headers: dict[str, str] | None = None) -> Role:
    return asyncio.run(Identity(pins).role(asked(host, headers)))


def test_from_the_network_everybody_looks_and_a_pin_gives_more(pins: Pins) -> None:
    assert role(pins, HOUSE) == Role.LOOK
    assert role(pins, HOUSE, {"Authorization": f"Bearer {PLAY}"}) == Role.PLAY
    assert role(pins, HOUSE, {"Authorization": f"Bearer {SERVICE}"}) == Role.SERVICE
    assert role(pins, HOUSE, {"Authorization": "Bearer 000000"}) == Role.LOOK
    assert role(pins, HOUSE, {"Cookie": f"{COOKIE}={pins.token(Role.PLAY)}"}) == Role.PLAY
    assert role(pins, HOUSE, {"Cookie": f"{COOKIE}=service.9999999999.00"}) == Role.LOOK


def test_without_pins_nobody_gets_more_than_a_look() -> None:
    nobody = Pins(None)
    assert role(nobody, HOUSE, {"Authorization": "Bearer "}) == Role.LOOK
    assert role(nobody, HOUSE, {"Authorization": f"Bearer {PLAY}"}) == Role.LOOK
    assert role(nobody, HOUSE, {"Cookie": f"{COOKIE}={nobody.token(Role.SERVICE)}"}) == Role.LOOK
    assert role(nobody, LOOPBACK) == Role.SERVICE


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://example.org"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Host": "example.org:9100", "Origin": "http://example.org:9100"},
        {"Host": "example.org"},
        {"Host": ""},
        {"X-Forwarded-For": HOUSE},
        {"Forwarded": f"for={HOUSE}"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_a_browser_or_a_proxy_here_passes_on_is_not_this_machine(pins: Pins, headers: dict[str, str]) -> None:
    assert role(pins, LOOPBACK) == Role.SERVICE, "the control"
    assert role(pins, LOOPBACK, {"Host": "localhost:9100", "Origin": "http://localhost:9100"}) == Role.SERVICE
    assert role(pins, LOOPBACK, headers) == Role.LOOK


def test_guessing_is_slow_and_one_who_guesses_keeps_nobody_else_out(pins: Pins) -> None:
    identity = Identity(pins)

    async def guess(host: str, pin: str) -> Role | None:
        return await identity.try_pin(asked(host), pin)

    async def guesses() -> None:
        for _ in range(TRIES_BURST):
            assert await guess(HOUSE, "000000") is None
        with pytest.raises(TooManyTriesError):
            await guess(HOUSE, PLAY)
        assert await guess("192.168.1.21", PLAY) == Role.PLAY

    asyncio.run(guesses())


def test_a_new_pin_ends_what_the_old_one_let_in(tmp_path: Path) -> None:
    one = Pins(tmp_path)
    one.set(Role.PLAY, PLAY)
    token = one.token(Role.PLAY)
    assert one.role_of_token(token) == Role.PLAY
    one.set(Role.PLAY, "999999")
    assert one.role_of_token(token) is None
    assert one.role_of(PLAY) is None
    one.set(Role.PLAY, None)
    assert one.role_of("999999") is None
    assert PLAY not in (tmp_path / "pins.json").read_text("utf-8")
    assert len({new_pin(Role.SERVICE) for _ in range(50)}) == 50


@pytest.mark.parametrize("who", list(Role), ids=lambda who: who.word)
def test_no_role_can_do_what_it_may_not(who: Role) -> None:
    """Every address with every role, each with a message that the hub would take."""
    done = {row.path for row in TABLE.values() if take(encode(row.path, good_arguments(row)), who).messages}
    assert done == {path for path in TABLE if may_set(who, path)}
    if who == Role.LOOK:
        assert not done
    assert not any(TABLE[path].kind == "report" for path in done)


def good_arguments(row: Address) -> list[object]:
    if row.kind == "text":
        return [row.choices[0] if row.choices else row.default or "night"]
    return [row.default if row.default is not None else row.low] if row.kind in ("float", "int", "switch") else []


def test_roles_grow() -> None:
    sizes = [sum(may_set(who, path) for path in TABLE) for who in Role]
    assert sizes[0] == 0
    assert 20 < sizes[1] < 60
    assert sizes[2] > 200
    assert [least_role(path) for path in ("/mood", "/mood/overwrite", "/room/meter")] == [Role.PLAY, Role.SERVICE, None]


@pytest.mark.parametrize("path", [*sorted(METERS), *(str(report) for report in Report)])
def test_nobody_outside_can_report_for_a_process(path: str) -> None:
    assert take(encode(path, [1.0]), Role.SERVICE).messages == []


def test_a_pattern_reaches_no_further_than_a_role() -> None:
    assert take(encode("/stem/*/mute", [1]), Role.PLAY).messages
    assert not take(encode("/stem/*/*", [1]), Role.PLAY).messages
    assert not take(encode("/room/*", [0.0]), Role.PLAY).messages
    assert not take(encode("/*", []), Role.SERVICE).messages


@pytest.fixture
def locked(web: WebBench) -> WebBench:
    """As if this machine were another one: a proxy's header takes loopback's rights away."""
    web.pins.set(Role.PLAY, PLAY)
    web.pins.set(Role.SERVICE, SERVICE)
    return web


AWAY = {"X-Forwarded-For": HOUSE}


@pytest.mark.parametrize(
    ("pin", "may"), [("", ()), (PLAY, ("/room/level_db",)), (SERVICE, ("/room/level_db", "/layer/cello/pan"))]
)
def test_a_role_over_the_wire(locked: WebBench, pin: str, may: tuple[str, ...]) -> None:
    headers = {**AWAY, **({"Authorization": f"Bearer {pin}"} if pin else {})}
    for path, first, second in (("/room/level_db", -3.0, -9.0), ("/layer/cello/pan", 0.1, 0.4)):
        value = second if locked.value(path) == first else first
        with locked.socket(headers=headers) as page:
            page.send(encode(path, [value]))
            page.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/seed"}))
            page.recv(2.0)
        if path in may:
            locked.until(lambda path=path, value=value: locked.value(path) == value)
        else:
            assert locked.value(path) != value
        assert (locked.get(path, headers)[1]["ACCESS"] == 3) == (path in may)


def test_a_pin_becomes_a_cookie_that_no_script_can_read(locked: WebBench) -> None:
    json_type = {**AWAY, "Content-Type": "application/json"}
    assert locked.ask("/web/pin", json_type, "POST", b'{"pin": "111111"}')[0] == 403
    status, headers, body = locked.ask("/web/pin", json_type, "POST", json.dumps({"pin": PLAY}).encode())
    assert (status, json.loads(body)) == (200, {"role": "play"})
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    shown = {**AWAY, "Cookie": cookie.partition(";")[0]}
    assert locked.get("/?HOST_INFO", shown)[1]["ROLE"] == "play"
    assert locked.get("/?HOST_INFO", AWAY)[1]["ROLE"] == "look", "the control"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"pin": 5}', b'{"pin": "' + b"1" * 2000 + b'"}', b"[" * 900])
def test_a_body_that_is_no_pin_is_said_so(locked: WebBench, body: bytes) -> None:
    assert locked.ask("/web/pin", {"Content-Type": "application/json"}, "POST", body)[0] == 400
    assert locked.ask("/web/pin", {"Content-Type": "text/plain"}, "POST", b'{"pin": "1"}')[0] == 400

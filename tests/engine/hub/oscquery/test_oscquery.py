"""The namespace as a program that speaks OSCQuery meets it: over HTTP, beside a hub that goes on as before."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from engine.hub.access import Access, networks
from engine.hub.oscquery.connections import MOST_CONNECTIONS, MOST_OF_ONE_HOST, let_in
from engine.hub.oscquery.roles import Role
from engine.hub.oscquery.tree import ATTRIBUTES, OPTIONAL, OWN, node_at
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import TABLE
from tests.engine.hub.oscquery.web_bench import WebBench


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "TYPE" in node:
        yield node
    for below in node.get("CONTENTS", {}).values():
        yield from leaves(below)


def test_the_whole_tree_is_the_table(web: WebBench) -> None:
    status, tree = web.get("/")
    assert status == 200
    assert tree["FULL_PATH"] == "/"
    found = {node["FULL_PATH"]: node for node in leaves(tree)}
    assert set(found) == set(TABLE) - {"/sensor/SENSOR"}
    for path, node in found.items():
        assert node["DESCRIPTION"] == TABLE[path].about
        assert set(node["TYPE"]) <= set("fisN")
        if path in web.bench.hub.state.values:
            assert (node["VALUE"], node["ACCESS"]) == ([web.value(path)], 3)
    assert found["/meter/cello"]["ACCESS"] == 1
    assert found["/undo"]["ACCESS"] == 2
    assert found["/mood/list"]["VALUE"] == list(web.bench.hub.actions.store.names())


def test_a_node_says_what_it_takes_and_follows_what_hands_do(web: WebBench) -> None:
    path = "/layer/cello/level_db"
    web.bench.controller.send((LOOPBACK, web.port), path, -20.5)
    web.until(lambda: web.get(f"{path}?VALUE") == (200, {"VALUE": [-20.5]}))
    assert web.get(path) == (
        200,
        {
            "FULL_PATH": path,
            "TYPE": "f",
            "ACCESS": 3,
            "DESCRIPTION": "level; -60 is silence",
            "RANGE": [{"MIN": -60.0, "MAX": 6.0}],
            "CLIPMODE": ["none"],
            "DEFAULT": [TABLE[path].default],
            "TAGS": ["levels"],
            "UNIT": ["dB"],
            "VALUE": [-20.5],
        },
    )
    assert web.get("/scale/direction?RANGE") == (200, {"RANGE": [{"VALS": ["nearest", "up", "down"]}]})
    assert web.get("/stem/cello/mute?RANGE") == (200, {"RANGE": [{"MIN": 0, "MAX": 1}]})
    assert web.get("/layer/cello/lowpass_hz?CURVE") == (200, {"CURVE": ["log"]})
    assert "D" in web.get("/scale/root?SUGGESTIONS")[1]["SUGGESTIONS"][0]
    assert set(web.get("/stem/cello")[1]["CONTENTS"]) >= {"level_db", "mute", "solo"}
    assert "morph_s" in web.get("/mood")[1]["CONTENTS"], "an address may have others below it"


def test_host_info_promises_what_there_is_and_nothing_else(web: WebBench) -> None:
    status, info = web.get("/?HOST_INFO")
    assert (status, info["OSC_PORT"], info["OSC_TRANSPORT"]) == (200, web.port, "UDP")
    extensions = info["EXTENSIONS"]
    tree = list(leaves(web.get("/")[1]))
    for name in (*OPTIONAL, *OWN):
        assert extensions[name] is True
        assert any(name in node for node in tree), f"{name} is promised, and no node has it"
    for name, there in extensions.items():
        status = web.ask(f"/layer/cello/lowpass_hz?{name}")[0]
        if not there or name == "LISTEN":
            assert status == 400, name
        else:
            assert status == 307 if name == "HTML" else status in (200, 204), name
    assert extensions["LISTEN"] is True
    assert extensions["PATH_CHANGED"] is False, "the tree stays as it is"
    assert {key for node in tree for key in node} <= set(ATTRIBUTES)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/layer/../../etc/passwd", 404),
        ("/%2e%2e/README.md", 404),
        ("//etc/passwd", 404),
        ("/web/../../../etc/passwd", 404),
        ("/web/%2e%2e%2fserver.py", 404),
        ("/undo?VALUE", 204),
        ("/layer?VALUE", 204),
        ("/layer?TYPE", 204),
        ("/pad/x?NONSENSE", 400),
        ("/nothing?VALUE", 404),
    ],
)
def test_what_is_not_there_is_said_so(web: WebBench, path: str, status: int) -> None:
    assert web.ask(path)[0] == status


def test_what_is_no_address_is_answered(web: WebBench) -> None:
    """Python's own splitting of addresses raises for these."""
    for target in (b"http://[", b"//[", b"[", b"http://[::1]:x/pad/x"):
        with socket.create_connection((LOOPBACK, web.port), timeout=5.0) as asking:
            asking.sendall(b"GET " + target + b" HTTP/1.1\r\nConnection: close\r\nHost: [\r\n\r\n")
            assert asking.recv(100).split()[1] in (b"400", b"404"), target


def test_nothing_can_be_written_by_http(web: WebBench) -> None:
    before = web.bench.hub.state.values
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        assert web.ask("/pad/x", method=method, body=b"1")[0] == 405
    assert web.bench.hub.state.values == before


def test_a_page_of_somebody_else_may_read_the_tree_and_no_more(web: WebBench) -> None:
    """CORS: a browser lets it, and the role is that of somebody who looks."""
    status, headers, _ = web.ask("/pad/x?ACCESS", {"Origin": "http://example.org"})
    assert (status, headers["access-control-allow-origin"]) == (200, "*")
    assert web.get("/pad/x?ACCESS", {"Origin": "http://example.org"}) == (200, {"ACCESS": 1})
    assert web.get("/pad/x?ACCESS") == (200, {"ACCESS": 3}), "the control: without an origin it is this machine"
    preflight = {"Origin": "http://example.org", "Access-Control-Request-Method": "POST"}
    assert web.ask("/web/pin", preflight, "OPTIONS")[0] == 400


def test_a_browser_gets_the_page_and_a_program_the_tree(web: WebBench) -> None:
    status, headers, _ = web.ask("/", {"Accept": "text/html,*/*;q=0.8"})
    assert (status, headers["location"]) == (307, "/web/")
    assert web.ask("/?HTML")[1]["location"] == "/web/"
    status, headers, body = web.ask("/web/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert body.lower().startswith(b"<!doctype html>")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert web.ask("/", {"Accept": "*/*"})[1]["content-type"].startswith("application/json")


def test_who_connects_and_says_nothing_is_hung_up_on(web: WebBench) -> None:
    idle = [socket.create_connection((LOOPBACK, web.port)) for _ in range(30)]
    assert web.get("/pad/y")[0] == 200, "others are served meanwhile"
    for one in idle:
        one.settimeout(8.0)
        assert one.recv(1) == b""
        one.close()


def test_strangers_and_the_many_are_not_let_in() -> None:
    now_s = [0.0]
    access = Access(networks(["192.168.1.0/24"]), clock=lambda: now_s[0], per_s=20.0, burst=60.0)
    assert let_in(access, LOOPBACK, [LOOPBACK] * 100)
    assert not let_in(access, "192.168.2.9", [])
    assert let_in(access, "192.168.1.9", ["192.168.1.9"] * (MOST_OF_ONE_HOST - 1))
    assert not let_in(access, "192.168.1.9", ["192.168.1.9"] * MOST_OF_ONE_HOST)
    assert not let_in(access, LOOPBACK, [LOOPBACK] * MOST_CONNECTIONS)
    assert [let_in(access, "192.168.1.8", []) for _ in range(61)] == [True] * 60 + [False]
    now_s[0] = 1.0
    assert let_in(access, "192.168.1.8", [])


def test_a_role_sees_what_it_may_set() -> None:
    values = {"/room/level_db": (0.0,), "/seed": (1,), "/room/meter": (-20.0, -20.0)}
    expected = {"/room/level_db": (1, 3, 3), "/seed": (1, 1, 3), "/room/meter": (1, 1, 1), "/undo": (0, 2, 2)}
    for path, access in expected.items():
        assert tuple((node_at(path, values, role) or {})["ACCESS"] for role in Role) == access, path

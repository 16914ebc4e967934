"""The namespace as a program that speaks OSCQuery meets it: over HTTP, beside a hub that goes on as before."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from engine.hub.access import networks
from engine.hub.oscquery.server import BURST, MOST_AT_ONCE, OscQueryServer
from engine.hub.oscquery.tree import Namespace
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import TABLE
from tests.engine.hub_bench import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    assert bench.hub.serve_namespace() == ""
    yield bench
    bench.close()


def get(port: int, path: str, host: str = LOOPBACK) -> tuple[int, Any]:
    connection = HTTPConnection(host, port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, json.loads(body) if body else None


def leaves(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "TYPE" in node:
        yield node
    for below in node.get("CONTENTS", {}).values():
        yield from leaves(below)


def test_the_whole_tree_is_the_table(bench: Bench) -> None:
    bench.later(0.2)
    status, tree = get(bench.hub.osc.port, "/")
    assert status == 200
    assert tree["FULL_PATH"] == "/"
    found = {node["FULL_PATH"]: node for node in leaves(tree)}
    assert set(found) == set(TABLE) - {"/sensor/SENSOR"}
    for path, node in found.items():
        assert node["DESCRIPTION"] == TABLE[path].about
        assert set(node["TYPE"]) <= set("fisN")
        if path in bench.hub.state.values:
            assert (node["VALUE"], node["ACCESS"]) == ([bench.hub.state.values[path]], 3)
    assert found["/meter/cello"]["ACCESS"] == 1
    assert found["/undo"]["ACCESS"] == 2
    assert found["/mood/list"]["VALUE"] == list(bench.hub.actions.store.names())


def test_a_node_says_what_it_takes_and_follows_what_hands_do(bench: Bench) -> None:
    port = bench.hub.osc.port
    bench.say("/layer/cello/level_db", -20.5)
    assert get(port, "/layer/cello/level_db") == (
        200,
        {
            "FULL_PATH": "/layer/cello/level_db",
            "TYPE": "f",
            "ACCESS": 3,
            "DESCRIPTION": "level; -60 is silence",
            "RANGE": [{"MIN": -60.0, "MAX": 6.0}],
            "UNIT": ["dB"],
            "VALUE": [-20.5],
        },
    )
    assert get(port, "/layer/cello/level_db?VALUE") == (200, {"VALUE": [-20.5]})
    assert get(port, "/scale/direction?RANGE") == (200, {"RANGE": [{"VALS": ["nearest", "up", "down"]}]})
    assert get(port, "/stem/cello/mute?RANGE") == (200, {"RANGE": [{"MIN": 0, "MAX": 1}]})
    assert set(get(port, "/stem/cello")[1]["CONTENTS"]) >= {"level_db", "mute", "solo"}
    assert "morph_s" in get(port, "/mood")[1]["CONTENTS"], "an address may have others below it"


def test_host_info_names_the_port_for_osc(bench: Bench) -> None:
    status, info = get(bench.hub.osc.port, "/?HOST_INFO")
    assert (status, info["OSC_PORT"], info["OSC_TRANSPORT"]) == (200, bench.hub.osc.port, "UDP")
    assert info["EXTENSIONS"]["VALUE"] is True
    assert info["EXTENSIONS"]["LISTEN"] is False


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/layer/../../etc/passwd", 404),
        ("/%2e%2e/README.md", 404),
        ("//etc/passwd", 404),
        ("/undo?VALUE", 204),
        ("/layer?VALUE", 204),
        ("/pad/x?NONSENSE", 400),
    ],
)
def test_what_is_not_there_is_said_so(bench: Bench, path: str, status: int) -> None:
    assert get(bench.hub.osc.port, path)[0] == status


def test_nothing_can_be_written(bench: Bench) -> None:
    before = bench.hub.state.values
    for method in ("PUT", "POST", "DELETE"):
        connection = HTTPConnection(LOOPBACK, bench.hub.osc.port, timeout=5)
        connection.request(method, "/pad/x", b"1")
        assert connection.getresponse().status == 501
        connection.close()
    assert bench.hub.state.values == before


def test_those_who_keep_a_connection_open_do_not_keep_others_out_for_long(bench: Bench) -> None:
    port = bench.hub.osc.port
    idle = [socket.create_connection((LOOPBACK, port)) for _ in range(MOST_AT_ONCE + 4)]
    time.sleep(0.1)
    start_s = time.process_time()
    bench.say("/pad/x", 0.5)
    assert time.process_time() - start_s < 0.1, "the hub does not wait for anybody"
    for one in idle:
        one.close()
    time.sleep(0.1)
    assert get(port, "/pad/y")[0] == 200


def test_strangers_and_the_impatient_are_not_answered() -> None:
    """The gate is asked for every connection; this machine always passes, so other addresses are said by hand."""
    server = OscQueryServer(0, Namespace(9100, dict, dict), allowed=networks(["192.168.1.0/24"]))
    try:
        assert server.verify_request(None, (LOOPBACK, 1))
        assert not server.verify_request(None, ("192.168.2.9", 1))
        answers = [server.verify_request(None, ("192.168.1.9", 1)) for _ in range(round(BURST) + 5)]
        assert answers[: round(BURST)] == [True] * round(BURST)
        assert not answers[-1]
    finally:
        server.close()


def test_a_taken_port_is_said_and_nothing_else_happens() -> None:
    bench = Bench()
    with socket.create_server((LOOPBACK, bench.hub.osc.port)):
        assert "no OSCQuery on TCP port" in bench.hub.serve_namespace()
    bench.close()


def test_what_is_no_address_is_answered(bench: Bench) -> None:
    """Python's own splitting of addresses raises for this one."""
    connection = HTTPConnection(LOOPBACK, bench.hub.osc.port, timeout=5)
    connection.putrequest("GET", "http://[", skip_host=True)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()

"""A client that others wrote (python-oscquery) finds the installation by DNS-SD and reads it. All on this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pythonoscquery.osc_query_client import OSCQueryClient
from zeroconf import ServiceBrowser, ServiceInfo, ServiceListener, Zeroconf

from engine.hub.access import networks
from engine.hub.oscquery.announcement import TYPES, Announcement, services
from engine.hub.oscquery.own_addresses import own_addresses, page_address
from engine.osc.port import LOOPBACK
from engine.parameters.addresses import TABLE
from tests.engine.hub.oscquery.web_bench import WebBench

HERE = networks([LOOPBACK])


class Announcing:
    """An announcement in a loop of its own."""

    def __init__(self, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._announcement = Announcement(port, HERE)
        self.run(self._announcement.begin())

    def run(self, doing: object) -> None:
        asyncio.run_coroutine_threadsafe(doing, self._loop).result(20)  # type: ignore[arg-type]

    def end(self) -> None:
        self.run(self._announcement.end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class Found(ServiceListener):
    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def add_service(self, _: Zeroconf, kind: str, name: str) -> None:
        self.names[kind] = name

    def update_service(self, *_: object) -> None:
        """Nothing of it changes."""

    def remove_service(self, _: Zeroconf, kind: str, name: str) -> None:
        self.names.pop(kind, None)


@pytest.fixture
def browser() -> Iterator[Zeroconf]:
    try:
        one = Zeroconf(interfaces=[LOOPBACK])
    except OSError as problem:
        pytest.skip(f"no multicast on the loopback here: {problem}")
    yield one
    one.close()


def test_it_is_found_read_and_gone_again(web: WebBench, browser: Zeroconf) -> None:
    found = Found()
    ServiceBrowser(browser, list(TYPES), found)
    announcing = Announcing(web.port)
    try:
        begin_s = time.monotonic()
        while len(found.names) < len(TYPES) and time.monotonic() - begin_s < 10.0:
            time.sleep(0.05)
        assert set(found.names) == set(TYPES)
        info = browser.get_service_info(TYPES[0], found.names[TYPES[0]], 3000)
        assert info is not None
        read_with_their_client(info, web)
    finally:
        announcing.end()
    while found.names and time.monotonic() - begin_s < 20.0:
        time.sleep(0.05)
    assert not found.names, "who leaves says so"


def read_with_their_client(info: ServiceInfo, web: WebBench) -> None:
    """It takes a node for a container or for a value; the proposal lets `/mood` be both, so leaves are read."""
    client = OSCQueryClient(info)
    host = client.get_host_info()
    assert host is not None
    assert (host.osc_port, host.osc_transport, host.osc_ip) == (web.port, "UDP", LOOPBACK)
    cello = client.query_node("/layer/cello")
    assert cello is not None
    assert {node.full_path for node in cello.contents} == {path for path in TABLE if path.startswith("/layer/cello/")}
    for node in cello.contents:
        assert node.description == TABLE[node.full_path].about
    level = client.query_node("/layer/cello/level_db")
    assert level is not None
    assert level.value == [web.value("/layer/cello/level_db")]
    assert client.query_node("/no/such/thing") is None


def test_the_announcement_names_port_and_addresses() -> None:
    both = services(9123, ["192.168.1.5"])
    assert [one.type for one in both] == list(TYPES)
    for one in both:
        assert (one.port, one.addresses) == (9123, [socket.inet_aton("192.168.1.5")])
        assert "9123" in one.name


def test_a_machine_without_such_an_address_announces_nothing() -> None:
    assert own_addresses(networks(["203.0.113.0/24"])) == []
    assert own_addresses(HERE) == [LOOPBACK]
    assert page_address(9100, networks(["203.0.113.0/24"])) == "http://127.0.0.1:9100/web/"

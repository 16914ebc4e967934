"""Listeners are served beside each other, and one that does not take its stream is let go."""

from __future__ import annotations

import socket
import time
import urllib.error
import urllib.request

import pytest

from engine.elsewhere.streaming.server import MOST_PAGES, StreamServer
from engine.elsewhere.streaming.target import Target


def served(header: bytes = b"HEAD") -> StreamServer:
    return StreamServer(Target(True, "127.0.0.1", 0, "/room.opus"), lambda: header, lambda: "now")


def until_listeners(server: StreamServer, count: int) -> None:
    end_s = time.monotonic() + 5.0
    while server.listeners != count:
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_a_listener_gets_the_header_and_then_every_page() -> None:
    server = served()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/room.opus", timeout=5) as stream:
        until_listeners(server, 1)
        server.send(b"page")
        assert stream.read(8) == b"HEADpage"
        server.send(b"")
        assert stream.read() == b"", "the stream begins anew: the player connects again"
    server.close()


def test_other_addresses_are_not_found_and_before_the_sound_there_is_none() -> None:
    server = served(header=b"")
    for path, status in (("/etc/passwd", 404), ("/room.opus", 503)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5)
        assert refused.value.code == status
    server.close()


def test_one_that_takes_nothing_is_let_go_and_holds_nobody_up() -> None:
    server = served()
    with socket.create_connection(("127.0.0.1", server.port)) as deaf:
        deaf.sendall(b"GET /room.opus HTTP/1.0\r\n\r\n")
        until_listeners(server, 1)
        begins_s = time.monotonic()
        for _ in range(4 * MOST_PAGES):
            server.send(bytes(100_000))
        assert time.monotonic() - begins_s < 2.0
        assert server.listeners == 0
    server.close()

"""Messages between supervisor and keeper: whole, in order, and never waited for."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from engine.supervision.keeper_link import MOST_WAITING_BYTES, Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, Wire]]:
    one, other = socket.socketpair()
    yield Wire(one), Wire(other)
    one.close()
    other.close()


def test_messages_come_whole_and_in_order(ends: tuple[Wire, Wire]) -> None:
    one, other = ends
    sent = [{"count": count, "text": "line\nbreak ü " * (count * 400)} for count in range(30)]
    came = []
    for message in sent:
        one.send(message)
        came += other.receive()
    assert came == sent
    assert list(other.receive()) == []


def test_what_does_not_fit_comes_with_the_next_calls(ends: tuple[Wire, Wire]) -> None:
    one, other = ends
    one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 5_000)
    message = {"memory": "x" * 300_000}
    one.send(message)
    assert list(other.receive()) == []
    came: list[dict[str, str]] = []
    while not came:
        assert list(one.receive()) == []
        came += other.receive()
    assert came == [message]


def test_an_end_that_does_not_read_holds_up_nobody_and_loses_only_whole_messages(ends: tuple[Wire, Wire]) -> None:
    one, other = ends
    begin_s = time.monotonic()
    for count in range(200):
        one.send({"count": count, "text": "x" * 50_000})
    assert time.monotonic() - begin_s < 2.0
    assert len(one._going) < MOST_WAITING_BYTES + 51_000
    came: list[int] = []
    for _ in range(100):
        came += [message["count"] for message in other.receive()]
        one.send({"count": -1})
    assert came[0] == 0
    assert came == sorted(count for count in came if count >= 0) + [-1] * came.count(-1)
    assert came.count(-1) > 90


def test_an_end_that_is_gone_is_no_error(ends: tuple[Wire, Wire]) -> None:
    one, other = ends
    one.send({"last": 1})
    one.socket.close()
    other.send({"nobody": 1})
    assert list(other.receive()) == [{"last": 1}]
    other.send({"nobody": 2})
    assert list(other.receive()) == []

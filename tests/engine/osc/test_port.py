"""OSC over real sockets: whatever bytes arrive, the port lives on."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ControlError
from engine.osc.port import LOOPBACK, BadPacket, Message, OscPort, RateLimit


def arrived(port: OscPort, wait_s: float = 1.0) -> list[Message | BadPacket]:
    end_s = time.monotonic() + wait_s
    while time.monotonic() < end_s:
        if items := list(port.received()):
            return items
        time.sleep(0.001)
    return []


def test_what_is_sent_arrives_with_its_types() -> None:
    a, b = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
    a.send((LOOPBACK, b.port), "/x", 0.5, 3, "text", True)
    message = arrived(b)[0]
    assert isinstance(message, Message)
    assert message.arguments == (0.5, 3, "text", 1)
    assert message.source == (LOOPBACK, a.port)
    a.close()
    b.close()


@settings(max_examples=60)
@given(st.one_of(st.binary(max_size=64), st.binary(max_size=40).map(lambda tail: b"#bundle\0" + tail)))
def test_any_bytes_are_survived(packet: bytes) -> None:
    a, b = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
    a.socket.sendto(packet, (LOOPBACK, b.port))
    a.send((LOOPBACK, b.port), "/after")
    items = arrived(b)
    while not any(isinstance(i, Message) and i.path == "/after" for i in items):
        items += arrived(b)
    a.close()
    b.close()


def test_a_taken_port_is_explained() -> None:
    first = OscPort(LOOPBACK, 0)
    with pytest.raises(ControlError, match="--port"):
        OscPort(LOOPBACK, first.port)
    first.close()


def test_nobody_listening_is_no_error() -> None:
    gone = OscPort(LOOPBACK, 0)
    number = gone.port
    gone.close()
    port = OscPort(LOOPBACK, 0)
    for _ in range(5):
        port.send((LOOPBACK, number), "/x", 1.0)
        list(port.received())
    port.close()


def test_of_many_messages_the_latest_wins_at_thirty_a_second() -> None:
    now_s = 0.0
    sent: list[tuple[str, tuple[object, ...]]] = []
    limit = RateLimit(lambda path, arguments: sent.append((path, arguments)), clock=lambda: now_s)
    for i in range(1000):
        now_s = i / 1000
        limit.offer("/fader", float(i))
        limit.offer("/other", "x")
        limit.flush()
    now_s = 2.0
    limit.flush()
    faders = [arguments[0] for path, arguments in sent if path == "/fader"]
    assert 28 <= len(faders) <= 33
    assert faders[-1] == 999.0
    assert not limit.waiting

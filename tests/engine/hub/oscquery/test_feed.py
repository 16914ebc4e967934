"""Values over a WebSocket: LISTEN and IGNORE, what is set there, and what a stranger cannot do to others."""

from __future__ import annotations

import time

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from engine.hub.oscquery.feed import COMMANDS_BURST, METERS_EVERY_S, MOST_IGNORED
from engine.hub.oscquery.server import LONGEST_FRAME, MOST_LISTENERS
from engine.osc.port import LOOPBACK, encode
from engine.parameters.addresses import TABLE
from tests.engine.hub.oscquery.web_bench import WebBench, command, heard, until_heard

PAN = "/layer/cello/pan"


def test_listen_streams_values_and_ignore_ends_that(web: WebBench) -> None:
    with web.socket() as page, web.socket() as other:
        page.send(command("LISTEN", PAN))
        until_heard(page, PAN)
        web.bench.controller.send((LOOPBACK, web.port), PAN, 0.25)
        assert until_heard(page, PAN, (0.25,)) < 0.2
        page.send(command("IGNORE", PAN))
        page.send(command("LISTEN", "/pad/x"))
        until_heard(page, "/pad/x")
        web.bench.controller.send((LOOPBACK, web.port), PAN, 0.5)
        web.bench.controller.send((LOOPBACK, web.port), "/pad/corner_1", "night")
        with pytest.raises(TimeoutError):
            page.recv(0.5)
        with pytest.raises(TimeoutError):
            other.recv(0.1)


def test_what_one_page_sets_all_others_hear_within_a_fifth_of_a_second(web: WebBench) -> None:
    delays = []
    with web.socket() as page, web.socket() as other:
        for one in (page, other):
            one.send(command("LISTEN", PAN))
            until_heard(one, PAN)
        for number in range(20):
            value = round(-0.5 + number / 50, 3)
            page.send(encode(PAN, [value]))
            delays.append(until_heard(page, PAN, (pytest.approx(value),)))
            until_heard(other, PAN, (pytest.approx(value),))
            assert web.value(PAN) == pytest.approx(value)
            time.sleep(0.05)
    assert sorted(delays)[len(delays) // 2] < 0.2


def test_bundles_are_only_for_those_who_want_them(web: WebBench) -> None:
    paths = [PAN, "/pad/x", "/pad/y", "/mood"]
    with web.socket("?BUNDLES") as page, web.socket() as program:
        for one in (page, program):
            for path in paths:
                one.send(command("LISTEN", path))
        first = page.recv(2.0)
        assert isinstance(first, bytes)
        assert {path for path, _ in heard(first)} == set(paths)
        frames = [program.recv(2.0) for _ in paths]
        assert all(len(heard(frame)) == 1 for frame in frames if isinstance(frame, bytes))


def test_meters_come_at_a_pace_for_eyes(web: WebBench) -> None:
    with web.socket() as page:
        page.send(command("LISTEN", "/room/meter"))
        time.sleep(0.3)
        end_s, count, told = time.monotonic() + 2.0, 0, 0
        while time.monotonic() < end_s:
            told += 1
            web.bench.room.send((LOOPBACK, web.port), "/room/meter", -20.0 - told % 7, -20.0)
            try:
                page.recv(0.02)
                count += 1
            except TimeoutError:
                continue
        assert told > 60, "the control: much more is said than is passed on"
        assert 2.0 / METERS_EVERY_S / 2 <= count <= 2.0 / METERS_EVERY_S + 2


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (encode(PAN, [7.0]), "expects a number from -1 to 1"),
        (encode("/nothing/here", [7.0]), "no address here"),
        (encode("/room/meter", [0.0, 0.0]), "only sent out"),
        (encode("/hub/alive", ["night", 1.0, 0.0, 0.0]), "no address here"),
        (encode("/state/dump", []), "OSC over UDP"),
        (encode("/page", ["room"]), "OSC over UDP"),
        (encode("/subscribe", ["127.0.0.1", 9000]), "OSC over UDP"),
        (b"nonsense", "not an OSC"),
        (b"#bundle\0", "not an OSC"),
    ],
)
def test_what_cannot_be_taken_is_answered_to_who_sent_it(web: WebBench, packet: bytes, why: str) -> None:
    before = dict(web.bench.hub.state.values)
    with web.socket() as page, web.socket() as other:
        page.send(packet)
        frame = page.recv(2.0)
        assert isinstance(frame, bytes)
        ((path, arguments),) = heard(frame)
        assert path == "/error"
        assert why in str(arguments[1])
        with pytest.raises(TimeoutError):
            other.recv(0.1)
    assert web.bench.hub.state.values == before


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"COMMAND": "LISTEN"}', "[" * 5000, command("LISTEN", 5)])
def test_commands_that_are_none_do_nothing(web: WebBench, text: str) -> None:
    with web.socket() as page:
        page.send(text)
        page.send(command("NONSENSE", PAN))
        page.send(command("LISTEN", "/no/address"))
        page.send(command("LISTEN", PAN))
        until_heard(page, PAN)


def test_a_frame_too_long_ends_the_connection(web: WebBench) -> None:
    with web.socket() as page:
        page.send(b"x" * (LONGEST_FRAME + 1))
        with pytest.raises(ConnectionClosed):
            page.recv(2.0)


def send_without_end(flood: ClientConnection) -> None:
    for number in range(round(COMMANDS_BURST) + MOST_IGNORED + 200_000):
        flood.send(encode(PAN, [number % 3 / 10]) if number % 2 else command("LISTEN", "/no"))


def test_who_floods_is_shut_out_and_others_are_served(web: WebBench) -> None:
    with web.socket() as flood, web.socket() as page:
        with pytest.raises(ConnectionClosed):
            send_without_end(flood)
        page.send(command("LISTEN", "/pad/x"))
        assert until_heard(page, "/pad/x") < 1.0


def test_listeners_are_bounded_and_forgotten(web: WebBench) -> None:
    held = []
    for _ in range(MOST_LISTENERS):
        one = web.socket()
        held.append((one, one.__enter__()))
    try:
        with pytest.raises(Exception, match="403"), web.socket():
            pass
        for page in (held[0][1], held[-1][1]):
            page.send(command("LISTEN", PAN))
            until_heard(page, PAN)
    finally:
        for one, _ in held:
            one.__exit__(None, None, None)
    web.until(lambda: not web.process._feed.listeners)


def test_a_page_that_reads_nothing_holds_nobody_up(web: WebBench) -> None:
    """It listens to everything and never reads; its memory is bounded by the number of addresses."""
    with web.socket() as asleep, web.socket() as page:
        for path in TABLE:
            asleep.send(command("LISTEN", path))
        page.send(command("LISTEN", PAN))
        for number in range(200):
            web.bench.controller.send((LOOPBACK, web.port), PAN, round(number / 200, 3))
            time.sleep(0.005)
        until_heard(page, PAN, (pytest.approx(0.995),))
        assert all(len(one._pending) <= len(TABLE) + 10 for one in web.process._feed.listeners)

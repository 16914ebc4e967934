"""What is in a packet: unknown types are discarded, bundles wait for their time, patterns reach all they match."""

from __future__ import annotations

import struct
import time

import pytest

from engine.errors import ControlError
from engine.osc.elements import NTP_TO_UNIX_S
from engine.osc.patterns import matching
from engine.osc.port import LOOPBACK, BadPacket, Message, OscPort, encode
from engine.osc.scheduled_bundles import MOST_WAITING, ScheduledBundles
from engine.parameters.addresses import TABLE
from tests.engine.osc.test_port import arrived


def text(word: str) -> bytes:
    data = word.encode() + b"\x00"
    return data + bytes(-len(data) % 4)


def message(path: str, types: str, data: bytes = b"") -> bytes:
    return text(path) + text("," + types) + data


def bundle(*inside: bytes, unix_s: float | None = None) -> bytes:
    tag = 1 if unix_s is None else round((unix_s + NTP_TO_UNIX_S) * 2**32)
    return b"#bundle\x00" + tag.to_bytes(8, "big") + b"".join(len(one).to_bytes(4, "big") + one for one in inside)


def received(packet: bytes) -> list[Message | BadPacket]:
    a, b = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
    a.socket.sendto(packet, (LOOPBACK, b.port))
    items = arrived(b)
    a.close()
    b.close()
    return items


FLOAT = struct.pack(">f", -12.0)
UNKNOWN = {
    "cf": b"\x00\x00\x00a" + FLOAT,
    "Sf": text("word") + FLOAT,
    "If": FLOAT,
    "xf": FLOAT,
    "fc": FLOAT + b"\x00\x00\x00a",
    "fQ": FLOAT,
}


@pytest.mark.parametrize("types", UNKNOWN)
def test_a_message_with_an_unknown_type_is_discarded_and_reported(types: str) -> None:
    (item,) = received(message("/layer/cello/level_db", types, UNKNOWN[types]))
    assert isinstance(item, BadPacket)
    assert "/layer/cello/level_db: discarded, for an argument is of the unknown type" in item.reason


def test_in_a_bundle_only_that_message_is_discarded() -> None:
    packet = bundle(encode("/a", [1]), message("/b", "cf", bytes(8)), bundle(encode("/c", [2])))
    kinds = [item.path if isinstance(item, Message) else "bad" for item in received(packet)]
    assert kinds == ["/a", "bad", "/c"]


@pytest.mark.parametrize(
    ("types", "data", "values"),
    [
        ("", b"", ()),
        ("TFN", b"", (True, False, None)),
        ("[ii]", struct.pack(">ii", 1, 2), ([1, 2],)),
        ("hd", struct.pack(">qd", 3, 4.0), (3, 4.0)),
        ("bs", struct.pack(">i", 3) + b"abc\x00" + text("x"), (b"abc", "x")),
    ],
)
def test_known_types_arrive(types: str, data: bytes, values: tuple[object, ...]) -> None:
    (item,) = received(message("/a", types, data))
    assert isinstance(item, Message)
    assert item.arguments == values


@pytest.mark.parametrize(
    ("types", "data"), [("f", b""), ("ff", bytes(4)), ("b", b"\x00\x00\x00\x09abc\x00"), ("s", b"a")]
)
def test_arguments_that_are_cut_off_are_refused(types: str, data: bytes) -> None:
    (item,) = received(message("/a", types, data))
    assert isinstance(item, BadPacket)


def test_a_bundle_waits_for_its_time() -> None:
    a, b = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
    due_s = time.time() + 0.4
    inner = bundle(encode("/inner", [3]), unix_s=due_s - 9.0)  # not before the one that it is in
    a.socket.sendto(bundle(encode("/later", [1]), inner, unix_s=due_s), (LOOPBACK, b.port))
    a.socket.sendto(bundle(encode("/past", [1]), unix_s=due_s - 100.0), (LOOPBACK, b.port))
    a.socket.sendto(bundle(encode("/now", [2])), (LOOPBACK, b.port))
    first = arrived(b, 0.2)
    assert [item.path for item in first if isinstance(item, Message)] == ["/past", "/now"]
    assert 0.0 < b.due_s <= 0.4
    later = arrived(b, 1.0)
    assert time.time() >= due_s
    assert [item.path for item in later if isinstance(item, Message)] == ["/later", "/inner"]
    assert b.due_s == float("inf")
    a.close()
    b.close()


def test_a_bundle_for_much_later_is_refused_with_a_word() -> None:
    (item,) = received(bundle(encode("/later", [1]), unix_s=time.time() + 3600.0))
    assert isinstance(item, BadPacket)
    assert "a bundle for in 3600 s; at most 60 s" in item.reason


def test_only_so_many_wait_and_they_come_in_order() -> None:
    waiting: ScheduledBundles[int] = ScheduledBundles()
    for number in range(MOST_WAITING):
        assert waiting.refusal(5.0, 0.0) == ""
        waiting.add(5.0 - number % 2, number)
    assert "wait for their time already" in waiting.refusal(5.0, 0.0)
    assert next(waiting.due(4.0)) == 1
    assert list(waiting.due(4.5))[:2] == [3, 5]
    assert list(waiting.due(9.0))[:2] == [0, 2]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("/stem/*/mute", {path for path in TABLE if path.startswith("/stem/") and path.endswith("/mute")}),
        ("/stem/texture_?/mute", {f"/stem/texture_{n}/mute" for n in (1, 2, 3)}),
        ("/stem/texture_[1-2]/mute", {f"/stem/texture_{n}/mute" for n in (1, 2)}),
        ("/stem/texture_[!1]/mute", {f"/stem/texture_{n}/mute" for n in (2, 3)}),
        ("/stem/{piano,cello}/mute", {"/stem/piano/mute", "/stem/cello/mute"}),
        ("/{seed,undo}", {"/seed", "/undo"}),
        ("/se*", {"/seed"}),
    ],
)
def test_patterns(pattern: str, found: set[str]) -> None:
    assert found
    assert set(matching(pattern, TABLE)) == found


@pytest.mark.parametrize(
    "pattern", ["/stem/*", "/nowhere/*", "/stem/[a/mute", "/stem/{a/mute", "/stem/[z-a]/mute", "/s**d/x"]
)
def test_patterns_that_reach_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(ControlError, match=r"matches no address here|is no pattern"):
        matching(pattern, TABLE)


def test_a_pattern_made_to_take_for_ever_does_not() -> None:
    begin_s = time.monotonic()
    with pytest.raises(ControlError):
        matching("/stem/" + "*" * 5_000 + "x", TABLE)
    assert time.monotonic() - begin_s < 1.0

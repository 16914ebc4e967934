"""A UDP socket that speaks OSC: packets in without ever raising, messages out with a limit on their rate."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from engine.errors import ControlError
from engine.osc.elements import Element, PacketError, check, elements
from engine.osc.scheduled_bundles import ScheduledBundles

Endpoint = tuple[str, int]
LOOPBACK: Final = "127.0.0.1"
"""Of the hub, unless told otherwise."""
MOST_PACKET_BYTES: Final = 65_536
MOST_CLEARED: Final = 5_000
"""Packets that are thrown away unread at once: half a second of the worst flood."""
MESSAGES_PER_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    arguments: tuple[object, ...]
    source: Endpoint


@dataclass(frozen=True, slots=True)
class BadPacket:
    reason: str
    source: Endpoint


def encode(path: str, arguments: Sequence[object]) -> bytes:
    """One OSC message; floats go out as f, integers and booleans as i, texts as s."""
    return _message(path, arguments).dgram


def encode_bundle(messages: Iterable[tuple[str, Sequence[object]]]) -> bytes:
    """Several messages in one packet, which arrives whole and in order or not at all."""
    bundle = OscBundleBuilder(IMMEDIATELY)
    for path, arguments in messages:
        bundle.add_content(_message(path, arguments))
    return bundle.build().dgram


def _message(path: str, arguments: Sequence[object]) -> OscMessage:
    builder = OscMessageBuilder(path)
    for argument in arguments:
        if isinstance(argument, float):
            builder.add_arg(argument, "f")
        elif isinstance(argument, int):
            builder.add_arg(int(argument), "i")
        else:
            builder.add_arg(str(argument), "s")
    return builder.build()


def open_socket(host: str, port: int) -> socket.socket:
    """A bound, non-blocking UDP socket. Raises ControlError where the port is taken."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    opened.setblocking(False)
    try:
        opened.bind((host, port))
    except OSError as error:
        opened.close()
        raise ControlError(
            f"UDP port {port} cannot be opened ({error.strerror}): another installation is probably playing; "
            "stop it, or choose other ports with --port"
        ) from None
    return opened


class OscPort:
    """A bound, non-blocking socket. Closed peers, full buffers and nonsense that arrives are counted, never fatal."""

    def __init__(
        self,
        host: str,
        port: int,
        admits: Callable[[str, int], bool] = lambda *_: True,
        bound: socket.socket | None = None,
    ) -> None:
        """`admits` is asked for the address and port of each sender before its packet is read.

        `bound` is a socket that somebody else has opened already; host and port are then its own. Raises ControlError
        where the port is taken.
        """
        self._admits = admits
        self._later: ScheduledBundles[tuple[Element, Endpoint]] = ScheduledBundles()
        self.socket = bound or open_socket(host, port)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def received(self, most: int = 200) -> Iterator[Message | BadPacket]:
        """What has arrived, at most `most` packets, so that a flood cannot keep anything else from happening.

        Packets that are not admitted cost next to nothing, and are cleared away all the while: others need the room.
        """
        taken = 0
        for element, source in self._later.due(time.time()):
            yield message_of(element.message, source)
        for _ in range(most + MOST_CLEARED):
            if taken >= most:
                return
            try:
                packet, source = self.socket.recvfrom(MOST_PACKET_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:  # an answer to an earlier send: nobody listens there (yet)
                continue
            if not self._admits(*source):
                continue
            taken += 1
            yield from self._taken(packet, source)

    @property
    def due_s(self) -> float:
        """How long until a message that came too early is to be acted on."""
        return self._later.next_in_s(time.time())

    def _taken(self, packet: bytes, source: Endpoint) -> Iterator[Message | BadPacket]:
        """What of a packet is for now, and why the rest is refused; what is for later waits."""
        try:
            found = list(elements(packet))
        except PacketError as error:
            yield BadPacket(f"not an OSC packet: {error}", source)
            return
        now_s = time.time()
        for element in found:
            if element.due_s <= now_s:
                yield message_of(element.message, source)
            elif refusal := self._later.refusal(element.due_s, now_s):
                yield BadPacket(refusal, source)
            else:
                self._later.add(element.due_s, (element, source))

    def send(self, target: Endpoint, path: str, *arguments: object) -> None:
        self.send_packet(target, encode(path, arguments))

    def send_bundle(self, target: Endpoint, messages: Iterable[tuple[str, Sequence[object]]]) -> None:
        self.send_packet(target, encode_bundle(messages))

    def send_packet(self, target: Endpoint, packet: bytes) -> None:
        """Send what `encode` or `encode_bundle` made."""
        with suppress(OSError):  # nobody listens there, or the buffers are full: the next value comes soon
            self.socket.sendto(packet, target)

    def close(self) -> None:
        self.socket.close()


def message_of(message: bytes, source: Endpoint) -> Message | BadPacket:
    """A parser fed by strangers may fail in any way, so every failure is a bad packet."""
    try:
        check(message)
        parsed = OscMessage(message)
        return Message(parsed.address, tuple(parsed.params), source)
    except Exception as error:
        return BadPacket(f"not an OSC message: {error}", source)


@dataclass
class RateLimit:
    """Lets each address through at most `per_s` times a second; of what was held back, the latest wins."""

    send: Callable[[str, tuple[object, ...]], None]
    clock: Callable[[], float] = time.monotonic
    per_s: float = MESSAGES_PER_S
    _last_s: dict[str, float] = field(default_factory=dict)
    _waiting: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def offer(self, path: str, *arguments: object) -> None:
        now_s = self.clock()
        if path in self._waiting or now_s - self._last_s.get(path, -1e9) < 1.0 / self.per_s:
            self._waiting[path] = arguments
        else:
            self._last_s[path] = now_s
            self.send(path, arguments)

    def flush(self) -> None:
        """Send what was held back and is due now."""
        now_s = self.clock()
        due = [p for p in self._waiting if now_s - self._last_s[p] >= 1.0 / self.per_s]
        for path in due:
            self._last_s[path] = now_s
            self.send(path, self._waiting.pop(path))

    def forget(self, path: str) -> None:
        """What was held back of this address is out of date."""
        self._waiting.pop(path, None)

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)


@dataclass
class Gathering:
    """Sends what was offered as one bundle, at most `MESSAGES_PER_S` times a second; per address the latest wins.

    Messages go in the order in which their addresses were first offered, except that those of `last` end the bundle.
    """

    send: Callable[[list[tuple[str, tuple[object, ...]]]], None]
    clock: Callable[[], float] = time.monotonic
    last: tuple[str, ...] = ()
    _sent_s: float = -1e9
    _waiting: dict[str, tuple[object, ...]] = field(default_factory=dict)

    def offer(self, path: str, *arguments: object) -> None:
        self._waiting[path] = arguments

    def flush(self) -> None:
        """Send what was offered, if it is time."""
        now_s = self.clock()
        if self._waiting and now_s - self._sent_s >= 1.0 / MESSAGES_PER_S:
            self._sent_s = now_s
            self.send(sorted(self._waiting.items(), key=lambda message: message[0] in self.last))
            self._waiting.clear()

    @property
    def waiting(self) -> bool:
        return bool(self._waiting)

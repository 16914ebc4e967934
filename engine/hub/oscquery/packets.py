"""OSC as it comes over a WebSocket: what of it goes to the hub, and why the rest does not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.errors import ControlError
from engine.hub.oscquery.roles import Role, least_role
from engine.osc.elements import BUNDLE, IMMEDIATELY, PacketError, elements
from engine.osc.patterns import is_pattern, matching
from engine.osc.port import BadPacket, message_of
from engine.parameters.addresses import TABLE, find

MOST_MESSAGES: Final = 64
"""Of one frame; a hand moves fewer faders at once."""
_FROM_THE_WEB: Final = ("", 0)


@dataclass
class Taken:
    """Messages to hand on, and (address, why not) of the others."""

    messages: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def take(packet: bytes, role: Role) -> Taken:
    """Read a packet; never raises. Bundles for later are acted on at once, for a browser's clock is its own."""
    taken = Taken()
    try:
        found = list(elements(packet))
    except PacketError as error:
        taken.refused.append(("", f"not an OSC packet: {error}"))
        return taken
    for element in found[:MOST_MESSAGES]:
        message = message_of(element.message, _FROM_THE_WEB)
        if isinstance(message, BadPacket):
            taken.refused.append(("", message.reason))
            continue
        try:
            _check(message.path, message.arguments, role)
        except ControlError as error:
            taken.refused.append((message.path, str(error)))
        else:
            taken.messages.append((message.path, message.arguments))
    return taken


def _check(path: str, arguments: tuple[object, ...], role: Role) -> None:
    """Raises ControlError where the role may not, or where the hub would refuse it."""
    if is_pattern(path):
        paths: Iterable[str] = matching(path, (one for one, row in TABLE.items() if row.kind != "report"))
    else:
        paths = (path,)
    for one in paths:
        _check_one(one, arguments, role)


def _check_one(path: str, arguments: tuple[object, ...], role: Role) -> None:
    least = least_role(path)
    if least is None:
        row = find(path)  # says what is near where there is none
        raise ControlError(f"{path} {'is only sent out' if row.kind == 'report' else 'is for OSC over UDP'}")
    if role < least:
        raise ControlError(f"{path} takes the role {least.word}; here it is {role.word}")
    row_or_none = TABLE.get(path)
    if row_or_none and row_or_none.kind != "own" and not row_or_none.is_release(arguments):
        row_or_none.parse(arguments)


@lru_cache(maxsize=128)
def bundled(packets: tuple[bytes, ...]) -> bytes:
    """Several messages as one packet; one alone stays as it is."""
    if len(packets) == 1:
        return packets[0]
    head = BUNDLE + IMMEDIATELY.to_bytes(8, "big")
    return head + b"".join(len(packet).to_bytes(4, "big") + packet for packet in packets)

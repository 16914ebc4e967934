"""Who asks, and what role that gives: by address, by PIN, by token.

On this machine nobody needs a PIN; from elsewhere everybody may look. A page of somebody else's that is open in a
browser here must not speak with this machine's rights, so what comes from another origin, or under a name that is not
this machine's (DNS rebinding), may look only; and so may what a proxy on this machine passes on.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections import OrderedDict
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from engine.hub.oscquery.allowance import Allowance
from engine.hub.oscquery.pins import Pins
from engine.hub.oscquery.roles import Role

COOKIE: Final = "role"
TRIES_PER_S: Final = 1 / 30
TRIES_BURST: Final = 5
"""Wrong PINs of one address: five, then one each half minute."""
ALL_TRIES_PER_S: Final = 0.5
ALL_TRIES_BURST: Final = 60
MOST_HOSTS: Final = 256
_PROXIED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class TooManyTriesError(Exception):
    """So many PINs were wrong that no more are looked at for a while."""


class Identity:
    """Asked for each request and each WebSocket."""

    def __init__(self, pins: Pins) -> None:
        self._pins = pins
        self._tries: OrderedDict[str, Allowance] = OrderedDict()
        self._all_tries = Allowance(ALL_TRIES_PER_S, ALL_TRIES_BURST)
        name = socket.gethostname().lower()
        self._names = {"localhost", name, f"{name}.local", name.partition(".")[0]}

    async def role(self, asked: HTTPConnection) -> Role:
        """What whoever asks may do. A wrong PIN may look. Raises TooManyTriesError."""
        if not self._own_origin(asked):
            return Role.LOOK
        found = Role.LOOK
        if _host_of(asked) in _LOOPBACK and not any(name in asked.headers for name in _PROXIED):
            found = Role.SERVICE
        by_token = self._pins.role_of_token(asked.cookies.get(COOKIE, ""))
        scheme, _, pin = asked.headers.get("authorization", "").partition(" ")
        by_pin = await self.try_pin(asked, pin.strip()) if scheme.lower() == "bearer" and pin else None
        return max(found, by_token or Role.LOOK, by_pin or Role.LOOK)

    async def try_pin(self, asked: HTTPConnection, pin: str) -> Role | None:
        """The role that a PIN gives, None for a wrong one. Raises TooManyTriesError."""
        tries = self._tries_of(_host_of(asked))
        if not (tries.take() and self._all_tries.take()):
            raise TooManyTriesError
        role = await asyncio.to_thread(self._pins.role_of, pin)
        if role is not None:
            self._tries.pop(_host_of(asked), None)
        return role

    def _tries_of(self, host: str) -> Allowance:
        tries = self._tries.pop(host, None) or Allowance(TRIES_PER_S, TRIES_BURST)
        self._tries[host] = tries
        while len(self._tries) > MOST_HOSTS:
            self._tries.popitem(last=False)
        return tries

    def _own_origin(self, asked: HTTPConnection) -> bool:
        host = asked.headers.get("host", "")
        origin = asked.headers.get("origin")
        if origin is not None and origin.lower().rpartition("//")[2] != host.lower():
            return False
        return self._is_own(host)

    def _is_own(self, host: str) -> bool:
        """A number, or a name that this machine has."""
        with suppress(ValueError):
            name = (urlsplit(f"//{host}").hostname or "").lower()
            if name in self._names:
                return True
            ipaddress.ip_address(name)
            return True
        return False


_LOOPBACK: Final = ("127.0.0.1", "::1")


def _host_of(asked: HTTPConnection) -> str:
    return asked.client.host if asked.client else ""

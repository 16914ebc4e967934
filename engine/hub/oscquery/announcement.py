"""Tells the network by DNS-SD (RFC 6763) that there is an installation: `_oscjson._tcp` and `_osc._udp`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable
from ipaddress import IPv4Network
from typing import Final

from zeroconf import Error, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from engine.hub.oscquery.own_addresses import own_addresses

TYPES: Final = ("_oscjson._tcp.local.", "_osc._udp.local.")

log = logging.getLogger("web")


def services(port: int, addresses: Iterable[str]) -> list[ServiceInfo]:
    """What is announced. The name is the machine's, and the port's where it is not alone there."""
    host = socket.gethostname().partition(".")[0] or "ameublement"
    packed = [socket.inet_aton(address) for address in addresses]
    return [
        ServiceInfo(
            kind, f"Ameublement {host} {port}.{kind}", port=port, addresses=packed, server=f"{host}-{port}.local."
        )
        for kind in TYPES
    ]


class Announcement:
    """`begin` and `end` within asyncio. A network that does not let itself be told is no reason not to serve."""

    def __init__(self, port: int, allowed: tuple[IPv4Network, ...]) -> None:
        self._port, self._allowed = port, allowed
        self._zeroconf: AsyncZeroconf | None = None

    async def begin(self) -> None:
        addresses = own_addresses(self._allowed)
        if not addresses:
            log.info("no address of this machine is in the networks that are allowed: nothing is announced")
            return
        try:
            self._zeroconf = AsyncZeroconf(interfaces=addresses)
            for service in services(self._port, addresses):
                await (await self._zeroconf.async_register_service(service, allow_name_change=True))
        except (OSError, Error) as problem:
            log.warning("the network cannot be told of this installation: %s", problem)

    async def end(self) -> None:
        if self._zeroconf:
            await self._zeroconf.async_close()

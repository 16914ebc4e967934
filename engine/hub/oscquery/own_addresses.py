"""The addresses of this machine by which others reach it."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network
from typing import Final

import psutil

from engine.hub.access import PRIVATE

NOBODY: Final = "none"
"""In place of an address, where other machines may not open the page."""


def own_addresses(allowed: tuple[IPv4Network, ...] = PRIVATE) -> list[str]:
    """IPv4 addresses of this machine in those networks, in the order of its interfaces."""
    found = [one.address for cards in psutil.net_if_addrs().values() for one in cards if one.family == socket.AF_INET]
    return [address for address in found if any(IPv4Address(address) in network for network in allowed)]


def page_address(port: int, allowed: tuple[IPv4Network, ...] = PRIVATE) -> str:
    """Where a phone finds the page; this machine alone where there is no network."""
    host = next(iter(own_addresses(allowed)), "127.0.0.1")
    return f"http://{host}:{port}/web/"

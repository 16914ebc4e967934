"""The page's address as a QR code, for a surface that draws it and a phone that reads it there."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Final

import segno

from engine.hub.oscquery.own_addresses import NOBODY, page_address

FIRST: Final = ord("A")
"""A run of no module is `A`, of one `B`, and so on."""


def open_page(port: int, listens: bool, allowed: tuple[IPv4Network, ...]) -> str:
    """Where other machines find the page; "none" where they may not open it, or there is no network."""
    address = page_address(port, allowed)
    return address if listens and "//127." not in address else NOBODY


def code_of(address: str) -> tuple[int, str]:
    """How many modules wide, and its runs, row by row: light, dark, light, each a letter; every row begins anew.

    As text, for Pure Data takes apart no bits; a code of 33 modules stays below the 1000 characters of its symbols.
    """
    rows = [[bool(module) for module in row] for row in segno.make(address, error="m", micro=False).matrix]
    return len(rows), "".join(map(_runs, rows))


def _runs(row: list[bool]) -> str:
    lengths, dark = [0], False
    for module in row:
        if module != dark:
            lengths.append(0)
            dark = module
        lengths[-1] += 1
    return "".join(chr(FIRST + length) for length in lengths)

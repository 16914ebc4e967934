"""Who may speak to the installation from outside, and how fast: an allow-list of networks, and a limit per sender."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Final

from engine.errors import AmeublementError

PRIVATE: Final = tuple(IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"))
"""Networks of a house (RFC 1918, RFC 3927): who is let in where no list is given."""
HERE: Final = IPv4Network("127.0.0.0/8")
PACKETS_PER_S: Final = 2000.0
BURST: Final = 2000.0
"""A sender may say this much at once: every address of the table several times over."""
MOST_SENDERS: Final = 256


def networks(words: Iterable[str]) -> tuple[IPv4Network, ...]:
    """The networks that `--allow` names, such as 192.168.1.20 or 192.168.1.0/24. Raises AmeublementError."""
    found = []
    for word in words:
        try:
            network = ip_network(word, strict=False)
        except ValueError:
            network = None
        if not isinstance(network, IPv4Network):
            raise AmeublementError(f"--allow {word}: expected an address or a network such as 192.168.1.0/24")
        found.append(network)
    return tuple(found)


@dataclass
class Access:
    """Asked for every packet before anybody reads it. On this machine everybody is let in, but may not shout either."""

    allowed: tuple[IPv4Network, ...] = PRIVATE
    clock: Callable[[], float] = time.monotonic
    per_s: float = PACKETS_PER_S
    burst: float = BURST
    refused: int = 0
    """Packets of strangers."""
    too_many: int = 0
    """Packets beyond the limit of an allowed sender."""
    last_refused: str = ""
    last_shouting: str = ""
    """Who last sent more than the limit; a program of this machine with its port."""
    _told: tuple[int, int] = (0, 0)
    """Refused and too many as of the last news."""
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """Packets that each sender may still send, and as of when; the latest senders only."""

    def admits(self, host: str, port: int | None = None) -> bool:
        """Senders of this machine, which all have one address, are told apart by `port`; without it they all pass."""
        if _inside(host, (HERE,)):
            return port is None or self._has_left(f"{host}:{port}")
        if _inside(host, self.allowed):
            return self._has_left(host)
        self.refused += 1
        self.last_refused = host
        return False

    def news(self) -> list[tuple[str, str]]:
        """Whom nobody has heard since this was last asked: an address for the surface, and a sentence."""
        refused, too_many = self.refused - self._told[0], self.too_many - self._told[1]
        self._told = self.refused, self.too_many
        stranger, shouting = self.last_refused, self.last_shouting
        found = []
        if refused:
            found.append(("/stranger", f"OSC from {stranger} is refused; `--allow {stranger}` would let it in"))
        if too_many:
            found.append(
                (
                    "/too_many",
                    f"{too_many} OSC packets of {shouting} were lost; send fewer than {self.per_s:g} a second",
                )
            )
        return found

    def knows(self, host: str) -> bool:
        """Whether it is this machine or may send; nothing is counted."""
        return _inside(host, (HERE, *self.allowed))

    def _has_left(self, sender: str) -> bool:
        now_s = self.clock()
        left, then_s = self._left.pop(sender, (self.burst, now_s))
        left = min(self.burst, left + (now_s - then_s) * self.per_s)
        passes = left >= 1.0
        self._left[sender] = (left - 1.0 if passes else left, now_s)
        while len(self._left) > MOST_SENDERS:
            self._left.popitem(last=False)
        if not passes:
            self.too_many += 1
            self.last_shouting = sender
        return passes


@lru_cache(maxsize=1024)
def _inside(host: str, allowed: tuple[IPv4Network, ...]) -> bool:
    try:
        address = IPv4Address(host)
    except ValueError:
        return False
    return any(address in network for network in allowed)

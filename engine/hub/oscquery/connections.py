"""TCP as strangers use it: who is let in, how many, and how long one may say nothing.

uvicorn would wait for ever for the first request of a connection; this hangs up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.hub.access import Access

FIRST_REQUEST_S: Final = 5.0
MOST_CONNECTIONS: Final = 160
MOST_OF_ONE_HOST: Final = 40
"""For others than this machine."""
CONNECTIONS_PER_S: Final = 20.0
CONNECTIONS_BURST: Final = 60.0


def let_in(access: Access, host: str, others: Iterable[str]) -> bool:
    """Whether a connection from `host` may stay beside `others`, the hosts of those that are open."""
    others = list(others)
    if len(others) >= MOST_CONNECTIONS or not access.admits(host):
        return False
    return host.startswith("127.") or others.count(host) < MOST_OF_ONE_HOST


def guarded(access: Access) -> type[asyncio.Protocol]:
    """uvicorn's HTTP protocol, within those limits."""

    class Guarded(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            others = [str((getattr(one, "client", None) or ("",))[0]) for one in self.connections]
            super().connection_made(transport)
            if let_in(access, self.client[0] if self.client else "", others):
                self.loop.call_later(FIRST_REQUEST_S, self._hang_up_on_silence)
            else:
                transport.abort()

        def _hang_up_on_silence(self) -> None:
            if self.headers is None:
                self.transport.abort()

    return Guarded

"""The web process: serves what the hub says, on the TCP port that has the number of the hub's UDP port.

A process of its own, since what strangers send over TCP must not take the hub with it: to the hub it is one more
controller. It starts when the room sounds, and what it lacks after a start the hub tells it again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from contextlib import suppress

import uvicorn

from engine.hub.access import Access
from engine.hub.oscquery.connections import CONNECTIONS_BURST, CONNECTIONS_PER_S, guarded
from engine.hub.oscquery.feed import Feed
from engine.hub.oscquery.front_door import ALIVE_EVERY_S, PAGE_EVERY_S, TRY_AGAIN_S, WebOptions, open_port
from engine.hub.oscquery.mirror import HubMirror
from engine.hub.oscquery.own_addresses import NOBODY
from engine.hub.oscquery.page_code import code_of, open_page
from engine.hub.oscquery.pins import Pins
from engine.hub.oscquery.server import LONGEST_FRAME, REQUESTS_BURST, REQUESTS_PER_S, WebServer
from engine.osc.messages import Report
from engine.osc.reporter import Reporter

log = logging.getLogger("web")


class WebProcess:
    """`run` blocks until SIGTERM."""

    def __init__(self, options: WebOptions, opened: socket.socket | None = None) -> None:
        """`opened` is the listening socket where it is open already."""
        self._options, self._opened = options, opened
        self._feed = Feed()
        self._mirror = HubMirror(options.port, self._feed.hear)
        self._report = Reporter(self._mirror.osc, options.port, options.supervisor_port)
        access = Access(options.allowed, per_s=REQUESTS_PER_S, burst=REQUESTS_BURST)
        self._web = WebServer(options.port, self._mirror, self._feed, Pins(options.state), access)

    def run(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._mirror.open()
        tasks = [self._say_alive(), self._say_page(), self._mirror.stay_subscribed(), self._feed.tell_meters()]
        tasks.append(self._announce())
        running = [asyncio.create_task(task) for task in tasks]
        try:
            opened = await self._open()
            await uvicorn.Server(self._config()).serve(sockets=[opened])
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            self._mirror.close()

    def _config(self) -> uvicorn.Config:
        options = self._options
        access = Access(options.allowed, per_s=CONNECTIONS_PER_S, burst=CONNECTIONS_BURST)
        return uvicorn.Config(
            self._web.app,
            http=guarded(access),
            ws="websockets-sansio",
            loop="asyncio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws_max_size=LONGEST_FRAME,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=LONGEST_FRAME,
        )

    async def _open(self) -> socket.socket:
        """The listening socket; where its port is taken, that is said once and tried again."""
        if self._opened:
            return self._opened
        said = False
        while True:
            try:
                return open_port(self._options)
            except OSError as error:
                if not said:
                    said = True
                    port = self._options.port
                    self._report(Report.ERROR, "/web", f"no OSCQuery on TCP port {port}: {error.strerror}")
            await asyncio.sleep(TRY_AGAIN_S)

    async def _say_alive(self) -> None:
        while True:
            self._report(Report.WEB_ALIVE, 1.0)
            await asyncio.sleep(ALIVE_EVERY_S)

    async def _say_page(self) -> None:
        """To surfaces, which show it as a QR code."""
        options, drawn, code = self._options, "", (0, "")
        while True:
            address = open_page(options.port, options.listen, options.allowed)
            if address not in (NOBODY, drawn):
                drawn, code = address, code_of(address)
            self._report(Report.WEB_PAGE, address)
            if address != NOBODY:
                self._report(Report.WEB_CODE, *code)
            await asyncio.sleep(PAGE_EVERY_S)

    async def _announce(self) -> None:
        if not self._options.announce:
            return
        from engine.hub.oscquery.announcement import Announcement  # zeroconf is needed only where it is heard

        announcement = Announcement(self._options.port, self._options.allowed)
        try:
            await announcement.begin()
            await asyncio.Event().wait()
        finally:
            with suppress(Exception):
                await announcement.end()

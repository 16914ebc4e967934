"""Serves the OSCQuery namespace on the TCP port that has the number of the hub's UDP port, in threads of its own."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from engine.hub.access import PRIVATE, Access
from engine.hub.oscquery.tree import Namespace, as_json
from engine.osc.port import LOOPBACK

SECONDS_PER_REQUEST: Final = 3.0
MOST_AT_ONCE: Final = 8
REQUESTS_PER_S: Final = 20.0
BURST: Final = 60.0


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other from the namespace."""

    timeout = SECONDS_PER_REQUEST
    server: OscQueryServer

    def do_GET(self) -> None:
        try:
            url = urlsplit(self.path)
        except ValueError:
            self.send_error(400, "no address")
            return
        status, node = self.server.namespace.answer(unquote(url.path), unquote(url.query))
        body = b"" if status == 204 else as_json(node)
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Requests are not logged."""


class OscQueryServer(ThreadingHTTPServer):
    """Those who may send OSC may ask; other machines so many times a second. Raises OSError if the port is taken."""

    daemon_threads = True

    def __init__(
        self, port: int, namespace: Namespace, allowed: tuple[IPv4Network, ...] = PRIVATE, *, listen: bool = False
    ) -> None:
        self.namespace, self._access = namespace, Access(allowed, per_s=REQUESTS_PER_S, burst=BURST)
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(("0.0.0.0" if listen else LOOPBACK, port), Handler)  # noqa: S104
        threading.Thread(target=self.serve_forever, name="oscquery", daemon=True).start()

    def verify_request(self, _request: Any, client_address: Any) -> bool:
        return self._access.admits(client_address[0])

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """The client has gone away, or speaks no HTTP: that is no fault here."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()

"""The supervisor's report as a Prometheus text endpoint, `/metrics`, and as JSON, `/status`; on this machine only."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from engine.osc.port import LOOPBACK

METRICS_PORT: Final = 3
"""The endpoint listens on this TCP port from the base port on."""
SECONDS_PER_REQUEST: Final = 5.0


class _Handler(WSGIRequestHandler):
    timeout = SECONDS_PER_REQUEST

    def log_message(self, *_: object) -> None:
        """Requests by Prometheus are not logged."""


class MetricsServer:
    """Serves `latest()` on TCP `port` of this machine from a thread of its own. Raises OSError if it is taken."""

    def __init__(self, port: int, latest: Callable[[], Mapping[str, Any]]) -> None:
        @cache
        def metrics() -> Callable[..., Iterable[bytes]]:
            from engine.hub.prometheus import metrics_app  # costs a seventh of the hub's start, and few ask

            return metrics_app(latest)

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            if environ.get("PATH_INFO") == "/status":
                report = latest()
                status = "200 OK" if report else "503 Service Unavailable"
                start_response(status, [("Content-Type", "application/json")])
                return [json.dumps(report).encode()]
            if environ.get("PATH_INFO") == "/metrics":
                return metrics()(environ, start_response)
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics or /status\n"]

        self._server = make_server(LOOPBACK, port, answer, WSGIServer, _Handler)
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

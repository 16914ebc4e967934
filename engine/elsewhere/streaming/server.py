"""Serves one Ogg/Opus stream to whoever asks for it, from this machine; a listener that is too slow is let go."""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from engine.elsewhere.streaming.target import Target

MOST_LISTENERS: Final = 64
MOST_PAGES: Final = 100
"""Twenty seconds: who is further behind than this is let go."""
NOW: Final = "/now.json"

log = logging.getLogger("streamer")


class StreamServer:
    """`header` gives the first pages of the stream as it is now, `title` what plays. Raises OSError where the port is
    taken."""

    def __init__(self, target: Target, header: Callable[[], bytes], title: Callable[[], str]) -> None:
        self._target, self._header, self._title = target, header, title
        self._listeners: set[queue.Queue[bytes]] = set()
        self._lock = threading.Lock()
        self._server = _Server((target.host, target.port), self._handler())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def send(self, page: bytes) -> None:
        """To everybody, without waiting for anybody; an empty page ends the connections: the stream begins anew."""
        with self._lock:
            for listener in list(self._listeners):
                try:
                    listener.put_nowait(page)
                except queue.Full:
                    self._listeners.discard(listener)
                    with suppress(queue.Empty):
                        listener.get_nowait()
                    listener.put_nowait(b"")

    def close(self) -> None:
        self.send(b"")
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One listener."""

            def do_GET(self) -> None:
                if self.path == NOW:
                    outer._answer_now(self)
                elif self.path == outer._target.mount:
                    outer._listen(self)
                else:
                    self.send_error(404, f"there is {outer._target.mount}")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
                log.debug(format, *args)

        return Handler

    def _answer_now(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"title": self._title(), "listeners": self.listeners}).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Access-Control-Allow-Origin", "*")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def _listen(self, handler: BaseHTTPRequestHandler) -> None:
        if self.listeners >= MOST_LISTENERS or not self._header():
            handler.send_error(503, "too many listeners" if self._header() else "the room does not play yet")
            return
        handler.connection.settimeout(30.0)
        handler.send_response(200)
        for name, value in (("Content-Type", self._target.content_type), ("Cache-Control", "no-cache")):
            handler.send_header(name, value)
        handler.send_header("icy-name", "Ameublement")
        handler.end_headers()
        waiting: queue.Queue[bytes] = queue.Queue(MOST_PAGES)
        with self._lock:
            self._listeners.add(waiting)
        with suppress(OSError):
            handler.wfile.write(self._header())
            while page := waiting.get():
                handler.wfile.write(page)
        with self._lock:
            self._listeners.discard(waiting)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

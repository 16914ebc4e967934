"""A hub and the web server beside it, both in threads, for tests that speak HTTP and WebSocket with them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from engine.hub.oscquery.front_door import WebOptions
from engine.hub.oscquery.pins import Pins
from engine.hub.oscquery.web_process import WebProcess
from engine.osc.elements import elements
from engine.osc.port import LOOPBACK, Message, message_of
from tests.engine.hub_bench import Bench


class WebBench:
    """`port` is that of both. `pins` are those of the state folder."""

    def __init__(self, state: Path, **options: Any) -> None:
        self.state = state
        self.pins = Pins(state)
        self.bench = Bench()
        self.port = self.bench.hub.osc.port
        self._stopping = threading.Event()
        self._hub = threading.Thread(target=self._step_hub, daemon=True)
        self._hub.start()
        self.process = WebProcess(WebOptions(self.port, state=state, **options))
        self.loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._web = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._web.start()
        self.until(lambda: set(self.bench.hub.state.values) <= set(self.process._mirror.values) and self._answers())

    def _step_hub(self) -> None:
        while not self._stopping.is_set():
            self.bench.now_s = time.monotonic()
            self.bench.hub.step()
            time.sleep(0.005)

    async def _serve(self) -> None:
        self.loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        with suppress(asyncio.CancelledError):
            await self.process._run()

    def _answers(self) -> bool:
        try:
            return self.get("/?HOST_INFO")[0] == 200
        except OSError:
            return False

    def until(self, condition: Callable[[], bool], limit_s: float = 10.0) -> float:
        """Seconds until it holds."""
        begin_s = time.monotonic()
        while not condition():
            assert time.monotonic() - begin_s < limit_s
            time.sleep(0.005)
        return time.monotonic() - begin_s

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> tuple[int, Any]:
        status, _, body = self.ask(path, headers, method)
        return status, json.loads(body) if body else None

    def ask(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    @contextmanager
    def socket(self, query: str = "", headers: Mapping[str, str] | None = None) -> Iterator[ClientConnection]:
        with connect(
            f"ws://{LOOPBACK}:{self.port}/{query}", additional_headers=headers, compression=None, proxy=None
        ) as one:
            yield one

    def value(self, path: str) -> object:
        return self.bench.hub.state.values[path]

    def close(self) -> None:
        if self.loop and self._task:
            self.loop.call_soon_threadsafe(self._task.cancel)
        self._web.join(5)
        self._stopping.set()
        self._hub.join(5)
        self.bench.close()


def command(name: str, path: object) -> str:
    return json.dumps({"COMMAND": name, "DATA": path})


def heard(packet: bytes) -> list[tuple[str, tuple[object, ...]]]:
    """Messages of a binary frame."""
    found = [message_of(element.message, (LOOPBACK, 0)) for element in elements(packet)]
    return [(one.path, one.arguments) for one in found if isinstance(one, Message)]


def until_heard(socket: ClientConnection, path: str, arguments: tuple[object, ...] | None = None) -> float:
    """Seconds until a message comes."""
    begin_s = time.monotonic()
    while time.monotonic() - begin_s < 5.0:
        frame = socket.recv(5.0)
        assert isinstance(frame, bytes)
        for found, told in heard(frame):
            if found == path and (arguments is None or told == arguments):
                return time.monotonic() - begin_s
    raise AssertionError(f"{path} {arguments} was never heard")

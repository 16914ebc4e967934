"""The other end of a patch's OSC: a socket that keeps what it is told and can answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

LOOPBACK = "127.0.0.1"
Said = tuple[object, ...]


class OscPeer:
    """Listens on `port`; `heard` are the messages so far, each with its address first."""

    def __init__(self, port: int) -> None:
        self.heard: list[Said] = []
        self.sender: tuple[str, int] | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, port))
        self._socket.settimeout(0.1)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def send(self, target: tuple[str, int], address: str, *arguments: object) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self._socket.sendto(builder.build().dgram, target)

    def answer(self, address: str, *arguments: object) -> None:
        """Send to whoever spoke last."""
        if self.sender is None:
            raise RuntimeError("nobody has spoken yet")
        self.send(self.sender, address, *arguments)

    def of(self, address: str) -> list[Said]:
        return [said for said in list(self.heard) if said[0] == address]

    def wait_for(self, condition: Callable[[], object], patience_s: float = 30.0) -> None:
        end_s = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > end_s:
                recent = [said for said in self.heard if "meter" not in str(said[0])][-20:]
                raise TimeoutError(f"not heard in {patience_s} s; the last was {recent}")
            time.sleep(0.02)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                packet, self.sender = self._socket.recvfrom(65_536)
            except TimeoutError:
                continue
            message = OscMessage(packet)
            self.heard.append((message.address, *message.params))

"""A real snapserver, and real clients of it that write what they play into files."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.elsewhere.zones.snapserver import make_pipes, write_configuration
from engine.parameters.elsewhere import Zone

needs_snapcast = pytest.mark.skipif(
    shutil.which("snapserver") is None or shutil.which("snapclient") is None,
    reason="no snapserver or no snapclient is installed",
)


class Server:
    """May be killed and started again."""

    def __init__(self, folder: Path, zones: dict[str, Zone], port: int) -> None:
        self.port, self._folder = port, folder
        make_pipes(folder, zones)
        self._configuration = write_configuration(folder, zones, port)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._folder / "snapserver.log").open("ab") as log:
            command = ["snapserver", "--config", str(self._configuration)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def ask(self, method: str, **parameters: object) -> Any:
        """JSON-RPC over TCP, a line each way."""
        asked = {"id": 1, "jsonrpc": "2.0", "method": method, "params": parameters}
        with socket.create_connection(("127.0.0.1", self.port + 1), timeout=5) as line:
            line.sendall(json.dumps(asked).encode() + b"\r\n")
            with line.makefile("rb") as answers:
                for answer in answers:
                    said = json.loads(answer)
                    if said.get("id") == 1:
                        return said["result"]
        raise AssertionError(f"no answer to {method}")

    def clients(self) -> dict[str, str]:
        """Groups of the clients that are there, by their name."""
        groups = self.ask("Server.GetStatus")["server"]["groups"]
        return {client["id"]: group["id"] for group in groups for client in group["clients"] if client["connected"]}


@contextmanager
def snapserver(folder: Path, zones: dict[str, Zone], port: int) -> Iterator[Server]:
    """It has gone afterwards, whatever happens."""
    server = Server(folder, zones, port)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def clients(server: Server, folder: Path, streams: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """A client for each name, on its stream; the files that they write."""
    files, started = {}, []
    for name in streams:
        files[name] = folder / f"{name}.raw"
        command = ["snapclient", "-h", "127.0.0.1", "-p", str(server.port), "--hostID", name]
        command += ["--player", f"file:filename={files[name]}", "--logsink", "null"]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    try:
        until(lambda: set(streams) <= set(server.clients()), 40.0)
        for name, group in server.clients().items():
            server.ask("Group.SetStream", id=group, stream_id=streams[name])
        yield files
    finally:
        for one in started:
            one.kill()
            one.wait()


def until(condition: Callable[[], object], limit_s: float) -> float:
    begins_s = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - begins_s
        except (OSError, AssertionError, KeyError):
            pass
        assert time.monotonic() - begins_s < limit_s, f"nothing in {limit_s} s"
        time.sleep(0.05)


def played(path: Path, channels: int) -> NDArray[np.float32]:
    """What a client has written so far, [frames, channels]."""
    data = np.frombuffer(path.read_bytes(), "<i2")
    return (data[: len(data) // channels * channels].reshape(-1, channels) / 32_767.0).astype(np.float32)

"""The web process loads what answers when somebody connects, and not before."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from engine.files.paths import ROOT
from engine.osc.port import LOOPBACK
from engine.supervision.summary import proportional_bytes
from tests.pd.osc_peer import OscPeer
from tests.ports import free_port

LIBRARIES_BYTES = 10_000_000


@contextmanager
def web(*options: str) -> Iterator[tuple[subprocess.Popen[bytes], OscPeer, int]]:
    """The web process, its supervisor, which listens only, and its port."""
    port = free_port()
    with OscPeer(port + 1) as supervisor:
        command = [sys.executable, "-m", "engine.hub.oscquery", "--port", str(port)]
        process = subprocess.Popen([*command, "--supervisor-port", str(port + 1), *options], cwd=ROOT)
        try:
            supervisor.wait_for(lambda: len(supervisor.of("/web/alive")) >= 2, 30.0)
            yield process, supervisor, port
        finally:
            process.kill()
            process.wait(5)


def host_info(port: int) -> dict[str, object]:
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/?HOST_INFO", timeout=30) as answer:
        return dict(json.load(answer))


def test_the_first_who_connects_is_answered_and_only_then_is_memory_taken_for_it() -> None:
    with web() as (process, supervisor, port):
        before = proportional_bytes(process.pid)
        assert supervisor.of("/web/page") == [("/web/page", "none")]
        assert host_info(port)["OSC_PORT"] == port
        assert proportional_bytes(process.pid) - before > LIBRARIES_BYTES
        told = len(supervisor.of("/web/alive"))
        supervisor.wait_for(lambda: len(supervisor.of("/web/alive")) > told, 10.0)


def test_where_others_may_look_all_of_it_is_there_at_once() -> None:
    with web("--listen") as (process, _, port):
        before = proportional_bytes(process.pid)
        assert host_info(port)["OSC_PORT"] == port
        assert proportional_bytes(process.pid) - before < LIBRARIES_BYTES

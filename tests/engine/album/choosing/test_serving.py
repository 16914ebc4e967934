"""The page of takes is served on this machine, and a port that is taken is told of."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from engine.album.choosing.chooser import Chooser
from engine.album.choosing.serving import serve_takes
from engine.album.plan.plan import load_plan
from engine.errors import RecordError
from engine.osc.port import LOOPBACK
from tests.engine.album.choosing.test_chooser import SHEET
from tests.engine.album.performance.test_performance import Draws


def test_a_port_that_is_taken_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(SHEET, "utf-8")
    chooser = Chooser(load_plan(tmp_path / "two.yaml"), tmp_path / "two.yaml", 7, 2, lambda _: Draws(), None)
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(RecordError, match=f"port {port}: .*--port"):
            serve_takes(chooser, "Two", port, print)

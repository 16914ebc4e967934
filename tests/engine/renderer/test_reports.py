"""What goes wrong over and over is told once, and then counted."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from engine.osc.port import LOOPBACK, Message, OscPort
from engine.osc.reporter import Reporter
from engine.renderer import reports as renderer_reports
from engine.renderer.reports import ERROR_AGAIN_S, EVERY_S, RendererReports, ReportHandler
from engine.renderer.studio import Studio

FULL = ("/renderer", "reel a-013.wav: cannot be written (No space left on device); free some space there")


class Listening:
    """A hub, and a clock of our own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hub, osc = OscPort(LOOPBACK, 0), OscPort(LOOPBACK, 0)
        self.now_s = 1000.0
        monkeypatch.setattr(renderer_reports, "time", SimpleNamespace(monotonic=lambda: self.now_s))
        self.reports = RendererReports(Reporter(osc, self.hub.port), folder)
        self._studio = cast(Studio, SimpleNamespace(textures=frozenset(), nonfinite=0))

    def wait(self, length_s: float, error: tuple[str, str] | None = None) -> None:
        """So long, with the error twenty times a second."""
        for _ in range(round(length_s * 20)):
            self.now_s += 0.05
            if error:
                self.reports.error(*error)
            self.reports.state(0, self._studio)

    @property
    def told(self) -> list[tuple[object, ...]]:
        return [m.arguments for m in self.hub.received() if isinstance(m, Message) and m.path == "/error"]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    listening = Listening(tmp_path, monkeypatch)
    yield listening
    listening.hub.close()


def test_a_disk_that_stays_full_is_told_once_and_then_counted(room: Listening) -> None:
    room.wait(ERROR_AGAIN_S - 1.0, FULL)
    assert room.told == [FULL]
    room.wait(1.0 + 3 * EVERY_S, FULL)
    ((subject, counted),) = room.told
    assert subject == "/renderer"
    assert str(counted).startswith(f"{FULL[1]} (2")
    assert str(counted).endswith(" times more)")
    room.wait(3 * ERROR_AGAIN_S)
    assert len(room.told) == 1, "what came since, once more"
    room.reports.error(*FULL)
    assert room.told == [FULL], "after a while in peace it is new"


def test_different_errors_are_each_told(room: Listening) -> None:
    for number in range(3):
        room.reports.error("/mood", f"wrong {number}")
    assert len(room.told) == 3


def test_warnings_that_name_an_address_are_told_until_the_renderer_is_over(room: Listening) -> None:
    handler, log = ReportHandler(room.reports), logging.getLogger("engine.journal.writer")
    log.warning("the journal in %s cannot be written", "state", extra={"where": "/journal"})
    log.warning("of no concern to a surface")
    assert room.told == [("/journal", "the journal in state cannot be written")]
    handler.close()
    log.warning("too late", extra={"where": "/journal"})
    assert room.told == []

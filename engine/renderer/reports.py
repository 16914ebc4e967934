"""What the renderer tells the hub: its lead, the phrase that is heard, its textures, and what went wrong."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.osc.messages import Report
from engine.osc.reporter import Reporter
from engine.reels.cutter import Reel
from engine.reels.format import REEL_FRAMES
from engine.renderer.studio import Studio
from engine.sound.textures.library import write_in_use

EVERY_S: Final = 0.5
LONGEST_ORIGIN: Final = 56
"""Pure Data keeps every text it is sent, so texts stay short."""
LONGEST_PROBLEM: Final = 200
ERROR_AGAIN_S: Final = 10.0
"""What goes wrong over and over is said at once, and then so seldom, with how often it was."""

log = logging.getLogger("renderer")
ENGINE: Final = logging.getLogger("engine")


@dataclass
class _Repeated:
    """An error that was said: until when it is only counted, and how often it has come since."""

    due_s: float
    more: int = 0


class ReportHandler(logging.Handler):
    """Warnings of the engine that name an address go to the hub, until it is closed."""

    def __init__(self, reports: RendererReports) -> None:
        super().__init__(logging.WARNING)
        self._reports = reports
        ENGINE.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if where := getattr(record, "where", ""):
            self._reports.error(str(where), record.getMessage())

    def close(self) -> None:
        ENGINE.removeHandler(self)
        super().close()


class RendererReports:
    """Sends from the renderer's own socket; names the textures in use in the runtime folder as well."""

    def __init__(self, say: Reporter, runtime: Path) -> None:
        self.say, self._runtime = say, runtime
        self._said: dict[str, tuple[object, ...]] = {}
        self._textures_in_use: frozenset[Path] | None = None
        self._errors: dict[tuple[str, str], _Repeated] = {}
        self._due_s = 0.0

    def error(self, subject: str, what: str) -> None:
        """Said at once where it is new; else counted, until `state` says how often it was."""
        if said := self._errors.get((subject, what)):
            said.more += 1
            return
        self._errors[subject, what] = _Repeated(time.monotonic() + ERROR_AGAIN_S)
        self.say(Report.ERROR, subject, what)

    def problem(self, problem: Exception) -> None:
        """Something that should not have happened."""
        self.error("/renderer", f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM])

    def of_studio(self, kind: str, subject: str, text: str) -> None:
        """See `engine.renderer.studio.Report`."""
        if kind == "texture":
            self.say(Report.RENDERER_TEXTURE, subject, text)
        else:
            self.error(subject, text)
            log.warning("%s: %s", subject, text)

    def state(self, lead_reels: int, studio: Studio) -> None:
        """How things stand, if it is time to say so."""
        now_s = time.monotonic()
        if now_s >= self._due_s:
            self._due_s = now_s + EVERY_S
            self._count_errors(now_s)
            self._name_textures(studio.textures)
            self.say(Report.RENDERER_LEAD, float(lead_reels))
            self._say_once(Report.RENDERER_NONFINITE, studio.nonfinite)

    def playing(self, reel: Reel, started: Iterable[tuple[int, str]], upcoming: str) -> None:
        """The phrases heard with `reel` and after it; `started` holds start frames and origins, oldest first."""
        end_frame = (reel.number + 1) * REEL_FRAMES
        origins = list(started)
        heard = [origin for frame, origin in origins if frame < end_frame]
        later = [origin for frame, origin in origins if frame >= end_frame]
        if heard:
            self._say_once(Report.PHRASE_NOW, heard[-1][:LONGEST_ORIGIN])
        self._say_once(Report.PHRASE_UPCOMING, (later[0] if later else upcoming)[:LONGEST_ORIGIN])

    def _say_once(self, path: str, *arguments: object) -> None:
        """Say it unless the same was said last time."""
        if self._said.get(path) != arguments:
            self._said[path] = arguments
            self.say(path, *arguments)

    def _count_errors(self, now_s: float) -> None:
        for (subject, what), said in list(self._errors.items()):
            if now_s < said.due_s:
                continue
            if said.more:
                self.say(Report.ERROR, subject, f"{what} ({said.more} times more)")
                self._errors[subject, what] = _Repeated(now_s + ERROR_AGAIN_S)
            else:
                del self._errors[subject, what]

    def _name_textures(self, in_use: frozenset[Path]) -> None:
        if in_use != self._textures_in_use:
            try:
                write_in_use(self._runtime, in_use)
                self._textures_in_use = in_use
            except OSError as problem:  # the disk is full; said again in a moment
                log.warning("%s", problem)

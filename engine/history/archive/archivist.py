"""The archivist process: `python -m engine.history.archive.archivist --runtime DIR --port N --state DIR --minutes N`.

It brings what the room heard from memory to the ring on disk, and keeps stretches of it when people ask. The room never
waits for it: Pd writes into memory, and over what the archivist did not fetch in time.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engine.errors import AmeublementError
from engine.files.excerpt_requests import ExcerptRequests
from engine.history.archive.excerpt import Excerpt, keep_room
from engine.history.archive.heard_files import HeardFile, heard_files, length_s, lost_frames
from engine.history.archive.ring import Ring
from engine.osc.messages import Report
from engine.osc.side_process import begin, moments, option_parser, reporter

LOOK_S: Final = 0.25
ALIVE_EVERY_S: Final = 1.0
QUIET_S: Final = 3.0
"""A file without a write for this long is finished. If it is short, its room died."""
RETRY_S: Final = 30.0
LONGEST_TEXT: Final = 120
"""Pd keeps every text it is sent, so texts stay short."""

log = logging.getLogger("archivist")


class Archivist:
    """`report` takes an OSC path and arguments."""

    def __init__(self, runtime: Path, state: Path, minutes: float, report: Callable[..., None]) -> None:
        self._heard, self._state, self._report = runtime / "heard", state, report
        self._ring = Ring(state / "heard", minutes)
        self._requests = ExcerptRequests(runtime / "keep")
        self._excerpt: Excerpt | None = None
        self._alive_s = self._try_again_s = float("-inf")
        self._refused = False
        for part in (state / "kept").glob(".*.part"):  # of an archivist that was ended
            shutil.rmtree(part, ignore_errors=True)

    def step(self, now_s: float) -> None:
        """What is due at `now_s`, monotonic; returns at the latest when ten seconds of sound are encoded (or a
        request's minutes copied)."""
        if now_s - self._alive_s >= ALIVE_EVERY_S:
            self._alive_s = now_s
            self._report(Report.ARCHIVIST_ALIVE, 1.0)
        if now_s >= self._try_again_s:
            self._fetch(now_s)
        if self._excerpt is not None:
            self._go_on(self._excerpt)
        elif (request := self._requests.take()) is not None:
            self._begin(*request)

    def close(self) -> None:
        """What is being kept is finished as it is."""
        if self._excerpt is not None:
            self._finish(self._excerpt)

    # ---------------------------------------------------------------- ring

    def _fetch(self, now_s: float) -> None:
        """Bring finished files to the disk; one that does not take them is told of once, and tried again later."""
        files = heard_files(self._heard)
        for file in files:
            if not _finished(file):
                continue
            try:
                self._ring.add(file)
                file.path.unlink(missing_ok=True)
            except (OSError, AmeublementError) as problem:
                self._try_again_s = now_s + RETRY_S
                if not self._refused:
                    self._refused = True
                    self._say_error(f"the ring in {self._ring.folder} cannot be written: {problem}; music plays on")
                return
            self._refused = False
            self._tell_of_loss(file, files)

    def _tell_of_loss(self, file: HeardFile, files: list[HeardFile]) -> None:
        later = (other for other in files if other.room == file.room and other.end_s > file.end_s)
        if lost := max((lost_frames(file.frames, file.number, other.number) for other in later), default=0):
            what = f"{length_s(lost):.1f} s of what the room heard are lost, for {self._heard} took no more"
            self._say_error(f"{what}; silence is kept in their place, and music plays on")

    # ---------------------------------------------------------------- keep

    def _begin(self, minutes: float, end_s: float) -> None:
        self._say(f"keeping {minutes:.3g} min")
        try:
            self._excerpt = keep_room(self._state, self._ring, self._heard, minutes, end_s)
        except AmeublementError as problem:
            self._say_error(str(problem))
            return
        self._say(f"keeping {self._excerpt.length_s / 60:.3g} min: the stems are being rendered")

    def _go_on(self, excerpt: Excerpt) -> None:
        excerpt.begin_stems()
        if excerpt.rendered:
            self._excerpt = None
            self._finish(excerpt)

    def _finish(self, excerpt: Excerpt) -> None:
        try:
            path, trouble = excerpt.finish(self._state / "kept")
        except OSError as problem:
            excerpt.abandon()
            self._say_error(f"{self._state / 'kept'} cannot be written: {problem.strerror}")
            return
        if trouble:
            self._say_error(trouble)
        self._say(f"kept in {path}")

    def _say(self, text: str) -> None:
        log.info("%s", text)
        self._report(Report.KEEP_NOW, text[:LONGEST_TEXT])

    def _say_error(self, text: str) -> None:
        log.error("%s", text)
        self._report(Report.ERROR, "/keep", text)


def _finished(file: HeardFile) -> bool:
    """Whether Pd has gone on to the next file, or has died and writes to this one no more."""
    return file.whole or time.time() - file.end_s > QUIET_S


def main() -> None:
    parser = option_parser("Keep what the room heard.")
    parser.add_argument("--state", type=Path, required=True, help="state folder of the installation")
    parser.add_argument("--minutes", type=float, required=True, help="length of the ring")
    options, looks_s = begin(parser), moments(LOOK_S)
    with reporter(options) as report:
        archivist = Archivist(options.runtime, options.state, options.minutes, report)
        for now_s in looks_s:
            archivist.step(now_s)
        archivist.close()
    logging.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()

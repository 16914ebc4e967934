"""Writes one stream of the journal in a thread of its own, so that the music never waits for a disk.

A record is on its way to the disk within `FLUSH_S`, and on it (fsync) by the end of that flush, so a power cut costs
half a second. When the disk refuses (full, gone, read-only) records wait in memory, bounded; it is tried again every
`RETRY_S`, what had to be dropped is counted, and the count becomes a record once there is room again.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from engine.files.atomic import sync_folder
from engine.journal.records import encode
from engine.journal.segments import SEGMENT_BYTES, next_segment, remove_oldest

FLUSH_S: Final = 0.5
RETRY_S: Final = 10.0
MOST_WAITING: Final = 4_000
"""Records kept in memory while the disk refuses: some hours of what the engine plays."""
CLOSE_S: Final = 2.0

WHERE: Final = "/journal"
"""The address under which surfaces show what is wrong with it."""

log = logging.getLogger(__name__)

Fields = dict[str, Any]
Later = Callable[[], Fields]
"""Fields that take a while to find out, such as a file's hash: asked for in the writer's thread."""


class JournalWriter:
    """Appends records to the stream `stream` ("engine" or "room") in `folder`.

    `headline` gives the record that every segment begins with, so that each can be read without the ones before it.
    A warning is logged, in the writer's thread, once when writing stops working and once when it works again.
    `write` and `close` may be called from one thread; `write` never blocks and never raises.
    """

    def __init__(
        self,
        folder: Path,
        stream: str,
        most_bytes: int,
        headline: Callable[[], Fields],
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self.folder, self.stream = folder, stream
        self.dropped = 0
        """Records lost so far because the disk refused for too long."""
        self._most_bytes, self._segment_bytes = most_bytes, min(segment_bytes, max(most_bytes // 4, 1))
        self._headline = headline
        self._waiting: deque[tuple[Fields, Later | None]] = deque()
        self._untold = 0
        self._file: int | None = None
        self._path: Path | None = None
        self._file_bytes = 0
        self._failed = False
        self._try_again_s = 0.0
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=f"journal-{stream}", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> bool:
        """Whether the disk refused the last time."""
        return self._failed

    def write(self, kind: str, fields: Fields, later: Later | None = None) -> None:
        """Take a record in. `fields` must not be changed afterwards; both clocks are added."""
        if len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            self._untold += 1
        else:
            self._waiting.append((stamped(kind, fields), later))

    def close(self) -> None:
        """Write what is left, waiting for the disk no longer than `CLOSE_S`."""
        self._closing = True
        self._wake.set()
        self._thread.join(CLOSE_S)

    # ------------------------------------------------------- the writer's thread

    def _work(self) -> None:
        while not self._closing:
            self._wake.wait(FLUSH_S)
            if self._waiting and time.monotonic() >= self._try_again_s:
                self._flush()
        self._flush()
        self._close_file()

    def _flush(self) -> None:
        """Write and sync all that waits, or keep it for the next time."""
        waiting, untold = len(self._waiting), self._untold
        batch = b"".join(_encoded(*self._waiting[place]) for place in range(waiting))
        if untold:
            batch += encode(stamped("dropped", {"records": untold}))
        try:
            if self._file is None or self._file_bytes >= self._segment_bytes or self._is_gone():
                self._begin_segment()
            self._append(batch)
        except OSError as problem:
            self._note_failure(problem)
            return
        self._untold -= untold
        for _ in range(waiting):
            self._waiting.popleft()
        if self._failed:
            self._failed = False
            what = f"the journal in {self.folder} is written again; {self.dropped} records were lost so far"
            log.warning("%s", what, extra={"where": WHERE})

    def _begin_segment(self) -> None:
        self._close_file()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path = next_segment(self.folder, self.stream)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._file_bytes = 0
        self._append(encode(stamped("segment", self._headline())))
        sync_folder(self.folder)
        remove_oldest(self.folder, self.stream, self._most_bytes - self._segment_bytes)

    def _append(self, data: bytes) -> None:
        if self._file is None:
            return
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        os.fsync(self._file)
        self._file_bytes += len(data)

    def _is_gone(self) -> bool:
        """Somebody removed the file or its folder: what is written to it would be lost without a word."""
        return self._file is not None and os.fstat(self._file).st_nlink == 0

    def _note_failure(self, problem: OSError) -> None:
        self._try_again_s = time.monotonic() + RETRY_S
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, self._file_bytes)  # half a record may be at its end
        if self._path is not None and self._file_bytes == 0:
            self._path.unlink(missing_ok=True)
        self._close_file()
        if not self._failed:
            self._failed = True
            reason = problem.strerror or str(problem)
            what = f"the journal in {self.folder} cannot be written ({reason}); the music plays on"
            log.warning("%s, and it is tried again every %g s", what, RETRY_S, extra={"where": WHERE})

    def _close_file(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
            self._file = self._path = None


def stamped(kind: str, fields: Fields) -> Fields:
    """A record's contents: its kind, the wall clock (seconds since 1970), the monotonic clock, and its fields."""
    return {"kind": kind, "wall_s": round(time.time(), 3), "mono_s": round(time.monotonic(), 3), **fields}


def _encoded(contents: Fields, later: Later | None) -> bytes:
    """A record as bytes; one that cannot be made says so in its place."""
    try:
        return encode(contents | later() if later else contents)
    except Exception as problem:
        why = f"{type(problem).__name__}: {problem}"[:200]
        clocks = {key: contents[key] for key in ("wall_s", "mono_s")}
        return encode({"kind": "unwritable", **clocks, "was": str(contents.get("kind")), "why": why})

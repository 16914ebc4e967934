"""One process of the installation: started in a group of its own, restarted without end, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import psutil

from engine.files.paths import ROOT
from engine.signals import become_child

LONGEST_PAUSE_S: Final = 30.0
STEADY_S: Final = 60.0
"""After running this long a process has proved itself: its next failure is treated as its first."""

MOST_DOUBLINGS: Final = 5
"""Who was ended for being slow may need longer on this machine (it may compile): each failure doubles the patience."""

MOST_WORDS_BYTES: Final = 100_000

OOM_SCORE: Final = 100
MOST_OOM_SCORE: Final = 1000

MMAP_THRESHOLD: Final = 1 << 20
TRIM_THRESHOLD: Final = 1 << 21
ARENAS: Final = 1
FRUGAL: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(MMAP_THRESHOLD),
    "MALLOC_TRIM_THRESHOLD_": str(TRIM_THRESHOLD),
    "MALLOC_ARENA_MAX": str(ARENAS),
    "OPENBLAS_NUM_THREADS": "1",
    "NUMPY_MADVISE_HUGEPAGE": "0",
}
"""Memory is given back, and not taken for nothing (mallopt(3)).

From that size in bytes on, memory goes back to the system as soon as it is free. Left alone, glibc raises that size to
the largest array yet freed. Then textures of many megabytes come and go within its heap, and what lies between them
keeps it from ever shrinking: it grew for hours. Two megabytes at the end of the heap stay: otherwise each array of a
few hundred kilobytes gives its pages back, and the system has to empty others for the next. One heap for all threads,
since Python's lock lets one at a time work; and no thread of OpenBLAS, whose products here are small. NumPy asks for
pages of 2 MB where an array is large: then one number that is written takes as much.
"""


def process_start_s() -> float:
    """When this process was started, on the monotonic clock, so that imports count as waiting too."""
    return time.monotonic() - (time.time() - psutil.Process().create_time())


def pause_s(failures: int) -> float:
    """How long to wait before start number `failures`: at once, then 0.5, 1, 2 … 30 s; it never gives up."""
    return 0.0 if failures <= 1 else min(LONGEST_PAUSE_S, 0.5 * 2.0 ** min(failures - 2, 10))


def start_directly(
    command: Sequence[str],
    log: Path,
    niceness: int,
    inherits: Sequence[int] = (),
    begin: Callable[[], None] = lambda: None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, writing to the end of `log`; `begin` runs in it.

    It `inherits` these file descriptors. Raises OSError.
    """

    parent = os.getpid()

    def prepare() -> None:
        begin()
        become_child(niceness)
        be_ended_first()
        if os.getppid() != parent:  # it was gone before the kernel was asked to end this with it
            os._exit(1)

    with open_log(log) as sink:
        return subprocess.Popen(
            list(command),
            cwd=ROOT,
            env={**os.environ, **FRUGAL},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=tuple(inherits),
            preexec_fn=prepare,  # noqa: PLW1509  (no threads here that could hold a lock)
        )


def open_log(log: Path) -> BinaryIO:
    """What is written there comes at its end."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("ab")


def be_ended_first() -> None:
    """In a child: where memory runs out, the kernel ends one of these rather than the supervisor (proc(5))."""
    with suppress(OSError, ValueError):
        score = Path("/proc/self/oom_score_adj")
        score.write_text(str(min(MOST_OOM_SCORE, int(score.read_text("ascii")) + OOM_SCORE)), "ascii")


class NotReadyError(Exception):
    """A starter is not ready; it is to be asked again soon."""


class Child(Protocol):
    """A process that was started: as much of `subprocess.Popen` as is asked of it."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...


Starter = Callable[[Sequence[str], Path, int, Sequence[int]], Child]
"""Starts a process, given its command, log, niceness and what it inherits; raises OSError, or NotReadyError."""


@dataclass
class Process:
    """`command` is asked at each start. Silence longer than `patience_s` (None: any) counts as hanging.

    The higher `niceness`, the more it lets others go first (nice(2)).
    """

    name: str
    command: Callable[[], Sequence[str]]
    log: Path
    patience_s: float | None = None
    first_patience_s: float = 30.0
    patience_when_stopped_s: float = 2.0
    niceness: int = 0
    inherits: Sequence[int] = ()
    starter: Starter = start_directly
    starts: int = 0
    failures: int = 0
    started_s: float = 0.0
    heard_s: float | None = None
    log_begins: int = 0
    _next_start_s: float = 0.0
    _child: Child | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def lamp(self) -> float:
        """1 on, 0.5 starting, 0 off."""
        if self._child is None:
            return 0.0
        return 1.0 if self.heard_s is not None or self.patience_s is None else 0.5

    def heard(self, now_s: float) -> None:
        """It gave a sign of life."""
        self.heard_s = now_s

    def start_if_due(self, now_s: float) -> bool:
        """Start it unless it runs or its pause is not over; whether it was started."""
        if self._child is not None or now_s < self._next_start_s:
            return False
        log_begins = 0
        try:
            log_begins = self.log.stat().st_size if self.log.exists() else 0
            self._child = self.starter(self.command(), self.log, self.niceness, self.inherits)
        except NotReadyError:
            return False
        except OSError as error:
            with suppress(OSError):
                self.log.write_text(f"could not be started: {error}\n")
        self.starts += 1
        self.started_s, self.heard_s, self.log_begins = now_s, None, log_begins
        if self._child is None:
            self._failed(now_s)
        return self._child is not None

    def ended(self, now_s: float) -> str | None:
        """Why it is gone, once, or None while it runs (or never ran). A next start is then due after a pause."""
        if self._child is None or (code := self._child.poll()) is None:
            return None
        self.kill()
        self._child = None
        self._failed(now_s)
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def hangs(self, now_s: float) -> bool:
        """It runs, but has said nothing for longer than it may; a stopped one (SIGSTOP) may be silent for less long."""
        if self._child is None or self.patience_s is None:
            return False
        slow = 2.0 ** min(max(0, self.failures - 1), MOST_DOUBLINGS)
        if self.heard_s is None:
            return now_s - self.started_s > self.first_patience_s * slow
        silent_s = now_s - self.heard_s
        return silent_s > self.patience_s * slow or (silent_s > self.patience_when_stopped_s and self._is_stopped())

    def _is_stopped(self) -> bool:
        with suppress(psutil.Error):
            return self._child is not None and psutil.Process(self._child.pid).status() == psutil.STATUS_STOPPED
        return False

    def last_words(self, lines: int = 3) -> list[str]:
        """The end of what it wrote since its last start, for people: why it died."""
        with suppress(OSError), self.log.open("rb") as log:
            log.seek(self.log_begins)
            said = log.read(MOST_WORDS_BYTES).decode("utf-8", errors="replace").splitlines()
            return [line for line in said if line.strip()][-lines:]
        return []

    def adopt(self, child: Child, now_s: float, log: Path, log_begins: int = 0) -> None:
        """Go on with a process that runs already: it was started as a spare one."""
        self._child, self.started_s, self.heard_s = child, now_s, now_s
        self.log, self.log_begins = log, log_begins

    def excuse(self, away_s: float) -> None:
        """The supervisor did not listen for so long, so that silence is not the process's own."""
        self.started_s += away_s
        if self.heard_s is not None:
            self.heard_s += away_s

    def start_not_before(self, when_s: float) -> None:
        """Let it rest until then, if it does not run."""
        self._next_start_s = when_s

    def leave(self) -> Child | None:
        """Give away the process that runs, without ending it."""
        child, self._child = self._child, None
        return child

    def _failed(self, now_s: float) -> None:
        proved = now_s - self.started_s > STEADY_S and (self.patience_s is None or self.heard_s is not None)
        self.failures = 1 if proved else self.failures + 1
        self._next_start_s = now_s + pause_s(self.failures)

    def ask_to_stop(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and everything it started, now."""
        self._signal(signal.SIGKILL)

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended within that time."""
        if self._child is None:
            return True
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(timeout_s)
        return self._child.poll() is not None

    def _signal(self, number: signal.Signals) -> None:
        if self._child is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, number)

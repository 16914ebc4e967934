"""ffmpeg as one process that can be lost at any time: what it does not take is dropped, and another is started."""

from __future__ import annotations

import logging
import os
import subprocess
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

MOST_WAITING_BYTES: Final = 6 * 48_000 * 5
"""Five seconds of 24 bits in stereo: what the network does not take in this time is lost to the listeners."""
STUCK_S: Final = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 15.0
"""Between two tries; there is no last one."""
STEADY_S: Final = 30.0

log = logging.getLogger("streamer")


class Encoder:
    """Takes 24 bit stereo sound at 48 kHz. Nothing here ever waits."""

    def __init__(self, command: Sequence[str], takes_output: bool = False) -> None:
        """`takes_output`: somebody reads what it encodes, from `output`."""
        self._command, self._takes_output = list(command), takes_output
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._started_s = self._moved_s = 0.0
        self._pause_s, self._next_start_s = FIRST_PAUSE_S, 0.0
        self.starts = 0
        self.lost_bytes = 0

    @property
    def runs(self) -> bool:
        return self._process is not None

    @property
    def output(self) -> int | None:
        """File descriptor of what it encodes, not blocking."""
        return self._process.stdout.fileno() if self._process and self._process.stdout else None

    def write(self, sound: bytes) -> None:
        """Queue sound; what is too old is thrown away."""
        if sound:
            self._waiting.append(sound)
            self._waiting_bytes += len(sound)
        while self._waiting_bytes > MOST_WAITING_BYTES:
            old = self._waiting.popleft()
            self._waiting_bytes -= len(old)
            self.lost_bytes += len(old)

    def step(self, now_s: float) -> None:
        """Hand on what it takes, replace it where it has ended or does not move."""
        if self._process is not None and (status := self._process.poll()) is not None:
            self._end(f"ended with status {status}", now_s)
        elif self._process is not None and self._waiting and now_s - self._moved_s > STUCK_S:
            self._end(f"takes no sound for {STUCK_S:.0f} s", now_s)
        if self._process is None and now_s >= self._next_start_s:
            self._start(now_s)
        self._hand_on(now_s)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._close_pipes(self._process)
        self._process = None

    def _start(self, now_s: float) -> None:
        output = subprocess.PIPE if self._takes_output else subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=output, bufsize=0)
        except OSError as problem:
            log.warning("ffmpeg does not start: %s", problem)
            self._rest(now_s)
            return
        self.starts += 1
        self._started_s = self._moved_s = now_s
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    def _hand_on(self, now_s: float) -> None:
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(BlockingIOError, BrokenPipeError):
            while self._waiting:
                taken = os.write(process.stdin.fileno(), self._waiting[0])
                self._moved_s = now_s
                self._waiting_bytes -= taken
                rest = self._waiting.popleft()[taken:]
                if rest:
                    self._waiting.appendleft(rest)
                    return

    def _end(self, why: str, now_s: float) -> None:
        log.warning("ffmpeg %s", why)
        if now_s - self._started_s > STEADY_S:
            self._pause_s = FIRST_PAUSE_S
        self.close()
        self._waiting.clear()  # half a frame may have been taken, and what waits is old
        self._waiting_bytes = 0
        self._rest(now_s)

    def _rest(self, now_s: float) -> None:
        self._next_start_s = now_s + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, 2.0 * self._pause_s)

    @staticmethod
    def _close_pipes(process: subprocess.Popen[bytes]) -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

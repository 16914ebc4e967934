"""The player's side of the guard: starts it, speaks to it, hears which ports there are, and replaces a dead one."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from engine.files.paths import ROOT

MODULE: Final = "engine.elsewhere.instruments.guard"

log = logging.getLogger("instruments")


class GuardLink:
    """Nothing is started before `speak` names a port; nothing here ever waits."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting = b""
        self.there: dict[str, str] = {}
        """Full names of the ports that the guard holds, by the name that a mood gives them."""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def speak(self, channels: Mapping[str, int], *, down: bool) -> None:
        """What is wanted, and whether any key is down: four times a second, or the guard lets the keys go."""
        if self._process is not None and self._process.poll() is not None:
            log.warning("the guard has gone, and another is started")
            self.close()
        if self._process is None:
            if not channels:
                return
            self._start()
        self._write(json.dumps({"ports": dict(channels), "down": down}).encode() + b"\n")

    def listen(self) -> bool:
        """Take what the guard has said; whether there was anything."""
        process, said = self._process, b""
        if process is None or process.stdout is None:
            return False
        with suppress(BlockingIOError):
            said = os.read(process.stdout.fileno(), 65_536)
        *lines, self._waiting = (self._waiting + said).split(b"\n")
        for line in lines:
            self.there = dict(json.loads(line)["there"])
        return bool(lines)

    def close(self) -> None:
        """The guard lets everything go and ends."""
        process, self._process, self._waiting = self._process, None, b""
        self.there = {}
        if process is not None and process.stdin and process.stdout:
            with suppress(OSError):
                process.stdin.close()
            process.stdout.close()

    def _start(self) -> None:
        command = [sys.executable, "-m", MODULE]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=pipe, stdout=pipe, bufsize=0, start_new_session=True, close_fds=True
        )
        for end in (self._process.stdin, self._process.stdout):
            if end is not None:
                os.set_blocking(end.fileno(), False)

    def _write(self, line: bytes) -> None:
        """A guard that does not read any more is as good as none; one that has gone is replaced at the next word."""
        process = self._process
        if process is None or process.stdin is None:
            return
        with suppress(BrokenPipeError):
            try:
                os.write(process.stdin.fileno(), line)
            except BlockingIOError:
                process.kill()

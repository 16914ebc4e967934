"""Helps tests to run the real installation: its processes, its OSC, its recording."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile
from numpy.typing import NDArray

from engine.files.atomic import write_whole
from engine.files.paths import ROOT
from engine.music.phrases.store import WANTS_FILE
from engine.osc.port import LOOPBACK, Message, OscPort
from tests.ports import free_port

DRAWN_VARIABLE = "AMEUBLEMENT_TESTS_DRAWN"
_FOR_THIS_PROCESS = tempfile.TemporaryDirectory(prefix="drawn")


@dataclass
class Running:
    """A running installation, and a controller subscribed to it."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    controller: OscPort = field(default_factory=lambda: OscPort(LOOPBACK, 0))
    heard: dict[str, tuple[object, ...]] = field(default_factory=dict)
    heard_s: dict[str, float] = field(default_factory=dict)
    """When each address was heard last, monotonic."""
    _asked_s: float = -1e9

    def say(self, path: str, *arguments: object) -> None:
        self.controller.send((LOOPBACK, self.port), path, *arguments)

    def listen(self) -> None:
        """Take what has come, and stay subscribed."""
        if time.monotonic() - self._asked_s > 3.0:
            self._asked_s = time.monotonic()
            self.say("/alive" if self.heard else "/state/dump")
        for item in self.controller.received():
            if isinstance(item, Message):
                self.heard[item.path] = item.arguments
                self.heard_s[item.path] = time.monotonic()

    def until(self, condition: Callable[[], bool], limit_s: float) -> float:
        """Seconds until the condition holds. Fails after `limit_s`."""
        start_s = time.monotonic()
        while not condition():
            self.listen()
            assert self.process.poll() is None, f"it ended: {self.output()}"
            assert time.monotonic() - start_s < limit_s, f"nothing came within {limit_s} s: {self.output()}"
            time.sleep(0.01)
        return time.monotonic() - start_s

    def sounds(self) -> bool:
        level = self.heard.get("/room/meter", (-100.0,))[0]
        return isinstance(level, float) and level > -60.0

    def child(self, mark: str) -> psutil.Process:
        """The process whose command line holds `mark`."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            if mark in " ".join(child.cmdline()):
                return child
        raise AssertionError(f"no process {mark}: {self.output()}")

    def kill(self, mark: str) -> None:
        child = self.child(mark)
        child.send_signal(signal.SIGKILL)
        child.wait(5)
        self.heard.pop("/room/meter", None)

    def interrupt(self) -> float:
        """Ctrl-C; how long it took to end."""
        start_s = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        return time.monotonic() - start_s

    def output(self) -> str:
        return self.everything()[-3000:]

    def everything(self) -> str:
        """All that it has printed."""
        return (self.folder / "output.txt").read_text("utf-8", errors="replace")

    def summary(self) -> dict[str, Any]:
        figures: dict[str, Any] = json.loads((self.folder / "summary.json").read_text("utf-8"))
        return figures

    def recording(self) -> NDArray[np.float32]:
        """What the room heard, float32[frames, 2]."""
        audio, rate_hz = soundfile.read(self.folder / "out.wav", dtype="float32")
        assert rate_hz == 48_000
        return np.asarray(audio, np.float32)

    def leftovers(self) -> list[str]:
        """Command lines of processes that know this run's folder or its port and are still there."""
        found = []
        for process in psutil.process_iter(["cmdline", "pid"]):
            words = " ".join(process.info["cmdline"] or ())
            ports = {str(self.port + number) for number in range(5)}  # a spare room knows its port alone
            ours = str(self.folder) in words or not ports.isdisjoint(words.split())
            if ours and process.info["pid"] != psutil.Process().pid:
                found.append(words)
        return found


@contextmanager
def installation(
    folder: Path,
    *options: str,
    project: Path = ROOT,
    prefix: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    draws_all: bool = False,
) -> Iterator[Running]:
    """The installation as a person would start it, without a window; whatever happens, nothing is left of it.

    `project` may be a copy of it, `prefix` a program that starts it, `environment` what to set beside what is set. What
    one before it has drawn for the same requests is there already, unless it `draws_all` by itself.
    """
    port = free_port()
    phrases = folder / "runtime" / "phrases"
    command = [
        *(*prefix, sys.executable, str(project / "run_installation.py"), "run"),
        *("--seed", "1", "--no-window", "--port", str(port)),
        *("--runtime", str(folder / "runtime"), "--state", str(folder / "state")),
        *("--record", str(folder / "out.wav")),
        *("--summary", str(folder / "summary.json"), *options),
    ]
    with (folder / "output.txt").open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env={**os.environ, **(environment or {})},
        )
        running = Running(process, folder, port)
        try:
            if not draws_all:
                _lay_out_drawn(phrases, process)
            yield running
        finally:
            running.controller.close()
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
            _keep_drawn(phrases)


@cache
def _drawn() -> Path:
    """A folder of phrases by the name of their request, which says all that was asked for: a fifth of what a start
    costs. Where `python -m tests` has named none, it is gone with this process."""
    given = os.environ.get(DRAWN_VARIABLE)
    return Path(given) if given else Path(_FOR_THIS_PROCESS.name)


def _lay_out_drawn(phrases: Path, process: subprocess.Popen[str]) -> None:
    """Once it has cleared the place, long before its sampler begins."""
    end_s = time.monotonic() + 5.0
    while not phrases.exists() and process.poll() is None and time.monotonic() < end_s:
        time.sleep(0.005)
    for path in _drawn().iterdir():
        with suppress(OSError):  # it has ended
            write_whole(phrases / path.name, path.read_text("utf-8"))


def _keep_drawn(phrases: Path) -> None:
    for path in phrases.glob("*.json"):
        if path.name != WANTS_FILE and not (_drawn() / path.name).exists():
            write_whole(_drawn() / path.name, path.read_text("utf-8"))


def longest_quiet_s(audio: NDArray[np.float32], below_db: float = -70.0) -> float:
    """The longest stretch whose every 20 ms are quieter than that."""
    window = 960
    frames = len(audio) // window * window
    power = np.square(audio[:frames].astype(np.float64)).reshape(-1, window * 2).mean(axis=1)
    quiet = 10.0 * np.log10(power + 1e-20) < below_db
    longest = run = 0
    for is_quiet in quiet:
        run = run + 1 if is_quiet else 0
        longest = max(longest, run)
    return longest * window / 48_000

"""The outermost process: it starts all the others, hands them from one supervisor to the next, and ends last.

The supervisor does much and so may fail; the keeper does next to nothing. It forks the supervisor, starts what the
supervisor asks for, tells it what ended, and keeps the little that it wants remembered. When the supervisor dies or
hangs, the room and the renderer play on, and the next supervisor takes them over. When the keeper itself is killed,
the kernel ends everything (see `process.become_child`), or, where it cannot, `supervision.mourner`: nothing is
left behind.

One thread, and no library that starts one: it forks. Messages are JSON over a pair of stream sockets.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from engine.signals import become_child, kernel_ends_children
from engine.supervision.keeper_link import KeeperLink, Kept, Wire
from engine.supervision.mourner import Mourner
from engine.supervision.process import pause_s, start_directly

PATIENCE_S: Final = 5.0
"""A supervisor that gives no sign of life for this long hangs: it is ended, and the next one goes on."""
LOOK_S: Final = 0.5
LATE_LOOK_S: Final = 3.0
"""When the keeper itself was away this long (suspended, stopped), silence proves nothing."""
STEADY_S: Final = 60.0
STOP_PATIENCE_S: Final = 20.0
REFUSED: Final = 78
"""The status of a supervisor that cannot play, for a reason it has told (EX_CONFIG of sysexits.h)."""
CRASHED: Final = 70

Play = Callable[[KeeperLink], int]


@dataclass
class Keeper:
    """`play` runs in a process of its own and returns its exit status: 0 when the installation was asked to end."""

    play: Play
    _wire: Wire = field(init=False, repr=False)
    _children: dict[str, Kept] = field(default_factory=dict)
    _popens: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict, repr=False)
    _memory: dict[str, Any] = field(default_factory=dict)
    _mourner: Mourner | None = field(default=None, repr=False)
    _supervisor: int = 0
    _failures: int = 0
    _heard_s: float = 0.0
    _stop_asked_s: float | None = None

    def run(self) -> int:
        """Blocks until the installation has ended; its exit status."""
        self._mourner = None if kernel_ends_children() else Mourner()
        wake, waker = os.pipe()
        for end in (wake, waker):
            os.set_blocking(end, False)
        before = {number: signal.signal(number, self._pass_on) for number in _STOPS}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        before_fd = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        try:
            return self._keep(wake)
        finally:
            for popen in self._popens.values():
                _kill_group(popen.pid)
            if self._mourner:
                self._mourner.close()
            signal.set_wakeup_fd(before_fd)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in (wake, waker):
                os.close(end)

    def _keep(self, wake: int) -> int:
        while True:
            started_s = time.monotonic()
            self._fork()
            status = self._until_supervisor_ends(wake)
            if status == 0:
                return 0
            if status == REFUSED or (status == CRASHED and not self._children and not self._memory):
                return 1
            if self._stop_asked_s is not None:
                return 1
            self._failures = 1 if time.monotonic() - started_s > STEADY_S else self._failures + 1
            print(f"the supervisor ended ({_why(status)}); the next one takes over", file=sys.stderr, flush=True)
            self._wait(wake, pause_s(self._failures))

    def _fork(self) -> None:
        """Start a supervisor, which knows of all that runs and of what its predecessor remembered."""
        ours, its = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        keeper = os.getpid()
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # the child must not run the keeper's handlers
        pid = os.fork()
        if pid == 0:
            ours.close()
            os._exit(self._supervise(its, keeper))
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        its.close()
        self._wire = Wire(ours)
        self._supervisor = pid
        self._heard_s = time.monotonic()

    def _supervise(self, its: socket.socket, keeper: int) -> int:
        """The life of the supervisor, in its own process; nothing may escape from here."""
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, *_STOPS):
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
            os.setsid()  # so that Ctrl-C reaches the keeper only, and once
            become_child(0)
            if self._mourner:
                self._mourner.begin()
                self._mourner.let_go()
            if os.getppid() != keeper:
                return CRASHED
            return self.play(KeeperLink(its, dict(self._children), dict(self._memory)))
        except BaseException:
            sys.excepthook(*sys.exc_info())
            return CRASHED
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()

    def _until_supervisor_ends(self, wake: int) -> int:
        """Serves the supervisor; its exit status, negative for a signal."""
        looked_s = time.monotonic()
        while True:
            self._wait(wake, LOOK_S)
            now_s = time.monotonic()
            self._reap()
            ended, status = os.waitpid(self._supervisor, os.WNOHANG)
            if ended:
                self._mourn_no_more(ended)
                self._answer()
                self._wire.socket.close()
                return os.waitstatus_to_exitcode(status)
            if now_s - looked_s > LATE_LOOK_S:
                self._heard_s = now_s
            looked_s = now_s
            patience_s = PATIENCE_S if self._stop_asked_s is None else STOP_PATIENCE_S
            if now_s - max(self._heard_s, self._stop_asked_s or 0.0) > patience_s:
                print("the supervisor does not answer and is ended", file=sys.stderr, flush=True)
                os.kill(self._supervisor, signal.SIGKILL)
                self._heard_s = now_s

    def _wait(self, wake: int, longest_s: float) -> None:
        """Until something happened, at most so long; messages are answered."""
        link = self._wire.socket.fileno()
        ready, _, _ = select.select([fd for fd in (wake, link) if fd >= 0], [], [], longest_s)
        if wake in ready:
            with suppress(BlockingIOError):
                while os.read(wake, 512):
                    pass
        if link in ready:
            self._answer()

    def _answer(self) -> None:
        for message in self._wire.receive():
            self._heard_s = time.monotonic()
            if "memory" in message:
                self._memory = message["memory"]
            elif "start" in message and time.monotonic() - message["asked_s"] < KeeperLink.ANSWER_S:
                self._start(message)

    def _start(self, message: Mapping[str, Any]) -> None:
        name = message["start"]
        log = Path(message["log"])
        try:
            begins = log.stat().st_size if log.exists() else 0
            begin = (self._mourner.begin,) if self._mourner else ()
            popen = start_directly(message["command"], log, message["niceness"], *begin)
        except OSError as error:
            self._wire.send({"refused": name, "why": str(error), "number": error.errno})
            return
        self._popens[name] = popen
        self._children[name] = Kept(popen.pid, time.monotonic(), begins, str(log))
        self._wire.send({"started": name, "pid": popen.pid})

    def _reap(self) -> None:
        for name, popen in list(self._popens.items()):
            code = popen.poll()
            if code is not None:
                del self._popens[name], self._children[name]
                self._mourn_no_more(popen.pid)
                self._wire.send({"ended": name, "code": code})

    def _mourn_no_more(self, pid: int) -> None:
        if self._mourner:
            self._mourner.ended(pid)

    def _pass_on(self, number: int, _frame: object) -> None:
        """Who asks the keeper to stop means the installation: the supervisor knows how, with a fade."""
        if self._stop_asked_s is None:
            self._stop_asked_s = time.monotonic()
        with suppress(ProcessLookupError):
            os.kill(self._supervisor, number)


_STOPS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _why(status: int) -> str:
    return signal.Signals(-status).name if status < 0 else f"status {status}"

"""The first moments of a process that the nursery forked: it becomes what a started one would be, and runs."""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from importlib.util import find_spec
from typing import Any, Final, NoReturn

from setproctitle import setproctitle

from engine.files.paths import ROOT
from engine.signals import become_child
from engine.supervision.forking.handover import GO, MOST_BYTES, close_all_but
from engine.supervision.process import be_ended_first

ADOPTED_WITHIN_S: Final = 5.0


def become(
    order: dict[str, Any], descriptors: list[int], supervisor: int, handlers: dict[signal.Signals, Any]
) -> NoReturn:
    """All that `subprocess` would do, then, when it is told to, the module as `python -m` runs it.

    `descriptors` are the log, the line to the supervisor, and what the process inherits; `handlers` those of signals
    before the nursery, of which only one matters here: what was ignored stays ignored.
    """
    code = 1
    try:
        log, line, *inherited = descriptors
        os.setsid()
        with socket.socket(fileno=os.dup(line)) as supervisor_line:
            _become_child(order["niceness"], supervisor)
            supervisor_line.send(str(os.getpid()).encode())
            if supervisor_line.recv(MOST_BYTES) != GO:  # nobody waits for it any more
                os._exit(1)
        _take_descriptors(log, dict(zip(order["inherits"], inherited, strict=True)))
        _restore(handlers)
        os.chdir(ROOT)
        module, *arguments = order["words"]
        sys.argv = [module, *arguments]
        setproctitle(" ".join(["python -m", module, *arguments]))
        code = _run(module)
    except BaseException:
        traceback.print_exc()
    finally:
        _end(code)


def _become_child(niceness: int, supervisor: int) -> None:
    """Raises RuntimeError where the supervisor is gone, so that nothing is left behind."""
    end_s = time.monotonic() + ADOPTED_WITHIN_S
    while os.getppid() != supervisor and time.monotonic() < end_s:  # the process between has not ended yet
        time.sleep(0.0005)
    become_child(niceness)
    be_ended_first()
    if os.getppid() != supervisor:
        raise RuntimeError("the supervisor is gone")


def _take_descriptors(log: int, inherited: dict[int, int]) -> None:
    """What is written goes to the log. What it inherits (new number: present one) has the numbers its command names."""
    highest = max([2, log, *inherited, *inherited.values()]) + 1
    moved = {new: os.dup2(now, highest + new, inheritable=False) for new, now in inherited.items()}
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for new, now in moved.items():
        os.dup2(now, new, inheritable=True)
    close_all_but(*inherited)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _restore(handlers: dict[signal.Signals, Any]) -> None:
    """Signals and logging as in a Python that begins."""
    for number, handler in handlers.items():
        signal.signal(number, handler if handler is signal.SIG_IGN else signal.SIG_DFL)
    if handlers.get(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in (None, *logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING if name is None else logging.NOTSET)


def _run(module: str) -> int:
    """Its status at the end. What it says last goes to its log."""
    spec = find_spec(module)
    if spec is None or spec.submodule_search_locations is None:
        sys.modules.pop(module, None)  # it runs as the main module, once
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _end(code: int) -> NoReturn:
    """As an interpreter ends, which this is not: the supervisor's frames lie beneath, and are not to be left."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)  # what libraries have printed
    os._exit(code)

"""A parent that was stopped is told to go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from engine.files.paths import ROOT

CHILD = "import time; from engine.signals import wake_stopped_parent as wake\nwhile not wake(): time.sleep(0.05)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}]); print('woken', flush=True)"


def until(condition: Callable[[], bool], limit_s: float = 20.0) -> bool:
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not say who is stopped")
def test_a_parent_that_was_stopped_goes_on() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert until(lambda: bool(psutil.Process(parent.pid).children()))
        time.sleep(0.3)
        assert parent.poll() is None, "as long as nobody stops it there is nothing to do"
        parent.send_signal(signal.SIGSTOP)
        said, _ = parent.communicate(timeout=20)
    assert (parent.returncode, said) == (0, "woken\n")

"""Of the files that are open, a process keeps those that were handed to it."""

from __future__ import annotations

import subprocess
import sys

from engine.files.paths import ROOT

CHILD = """
import os
from engine.supervision.forking.handover import close_all_but
kept, other, last = (os.open(os.devnull, os.O_RDONLY) for _ in range(3))
os.dup2(other, 900)
close_all_but(kept, last)
open_ones = [fd for fd in (0, 1, 2, kept, other, last, 900) if os.path.exists(f"/proc/self/fd/{fd}")]
print(open_ones == [0, 1, 2, kept, last])
"""


def test_all_but_those_are_closed() -> None:
    told = subprocess.run([sys.executable, "-c", CHILD], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"

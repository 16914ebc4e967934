"""Loops that were never compiled on this machine are compiled in a process that ends, and takes the compiler's memory
with it.

Set-up has compiled them; it is another processor, or changed code, where this is left to do.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

from engine.files.compile_cache import is_compiled
from engine.files.paths import ROOT

LOOK_S: Final = 0.1

log = logging.getLogger("sampler")


def compile_first(part: str, goes_on: Callable[[], bool] = lambda: True) -> None:
    """Returns when the loops of a part ("phrases" or "textures") lie in the compiler's cache, as far as they can.

    `goes_on` is asked several times a second whether to wait on. A compilation that fails is tried again by whoever
    uses the loop, who can say what is wrong.
    """
    if is_compiled(part):
        return
    log.info("compiling the loops that draw %s; set-up has not, or they have changed", part)
    process = subprocess.Popen([sys.executable, "-m", "models.compiling", part], cwd=ROOT)
    try:
        while process.poll() is None and goes_on():
            time.sleep(LOOK_S)
        if process.returncode:
            log.warning("loops that draw %s: the compiler ended with status %s", part, process.returncode)
    finally:
        process.kill()
        process.wait()

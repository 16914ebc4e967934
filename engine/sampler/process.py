"""The beginning of the sampler process: loops that were never compiled are, and only then is the compiler loaded."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from engine.osc.messages import Report
from engine.osc.side_process import begin, option_parser, reporter, told_to_end
from engine.sampler.compile_first import compile_first
from engine.sound.textures.library import user_textures

ALIVE_EVERY_S = 1.0


def main() -> None:
    parser = option_parser("Draw phrases, and textures when there is time.")
    parser.add_argument("--textures", type=Path, help="folder for new textures")
    parser.add_argument("--small", action="store_true", help="memory is short: draw phrases and nothing else")
    options = begin(parser)
    stopping = told_to_end()
    with reporter(options) as report:
        alive_s = float("-inf")

        def goes_on() -> bool:
            nonlocal alive_s
            if time.monotonic() - alive_s >= ALIVE_EVERY_S:
                alive_s = time.monotonic()
                report(Report.SAMPLER_ALIVE, 0.0)
            return not stopping.is_set()

        compile_first("phrases", goes_on)
    if options.small:
        _do_without_linear_algebra()
    from engine.sampler.sampler import run

    textures = None if options.small else options.textures or user_textures()
    run(options.runtime, options.port, textures, stopping, options.supervisor_port)


def _do_without_linear_algebra() -> None:
    """20 MB less: numba loads it wherever it is, and no loop that draws phrases calls it."""
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # what makes an import fail (sys.modules)

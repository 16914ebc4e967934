"""`python -m engine.reels.prepare_hold FILE SECONDS`: sees to it that FILE is a hold loop that can be played, no longer
than that.

A process of its own, run once by the supervisor while the others start: decoding and making audio takes
a second, and needs libraries that the supervisor does without.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import ReelError
from engine.reels.format import HOLD_S
from engine.reels.hold_loop import check_hold_loop, make_first_hold_loop, write_hold_loop


def prepare(path: Path, longest_s: float = HOLD_S) -> bool:
    """Returns whether the loop had to be made again. Raises ReelError when it cannot be written."""
    try:
        check_hold_loop(path, longest_s)
        return False
    except ReelError:
        write_hold_loop(path, make_first_hold_loop(longest_s))
        return True


if __name__ == "__main__":
    try:
        prepare(Path(sys.argv[1]), float(sys.argv[2]))
    except ReelError as error:
        sys.exit(str(error))

"""`python -m engine.reels.prepare_hold FILE`: sees to it that FILE is a hold loop that can be played.

A process of its own, run once by the supervisor while the others start: decoding and making audio takes
a second, and needs libraries that the supervisor does without.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import ReelError
from engine.reels.hold_loop import check_hold_loop, make_first_hold_loop, write_hold_loop


def prepare(path: Path) -> bool:
    """Returns whether the loop had to be made again. Raises ReelError when it cannot be written."""
    try:
        check_hold_loop(path)
        return False
    except ReelError:
        write_hold_loop(path, make_first_hold_loop())
        return True


if __name__ == "__main__":
    try:
        prepare(Path(sys.argv[1]))
    except ReelError as error:
        sys.exit(str(error))

"""What a reel is: the one place that fixes its lengths.

A reel is a WAV file of 32-bit floats that holds every stem as a stereo pair, in the order of `STEMS`.
Its first `REEL_FRAMES` frames follow the previous reel's exactly; the `TAIL_FRAMES` after them repeat
the beginning of the next reel, so the room can fade a reel out when nothing (or a stranger) follows it.

A reel is half a second, not the whole second first planned: five of them ahead give the same cover
when the renderer dies as two or three long ones, and a change is heard half a second earlier.
"""

from typing import Final

from engine.parameters.stems import SAMPLE_RATE_HZ

REEL_FRAMES: Final = 24_576
"""Frames played from each reel: 0.512 s, a multiple of Pd's and pyo's blocks."""

TAIL_FRAMES: Final = 4_096
"""Frames after those, equal to the next reel's first ones: 85 ms to fade in."""

LEAD_REELS: Final = 5
"""Reels rendered beyond the one playing: 2.56 s of cover."""

STEERED_LEAD_REELS: Final = 1
"""The same while somebody steers the harmony, who wants to hear it: 0.5 s of cover, and after that the hold loop."""

REEL_S: Final = REEL_FRAMES / SAMPLE_RATE_HZ

HOLD_S: Final = 24.0
"""How long a hold loop is at most: as long as the arrays in `hold-loop~.pd`, where they are not told otherwise."""

SMALL_HOLD_S: Final = 12.0
"""Where memory is short: Pd takes 16 bytes for a frame, and has two loops, of which one fades into the other."""

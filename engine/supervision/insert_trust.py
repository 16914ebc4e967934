"""Whether rooms may open patches of one's own: one that ends the room, or is too slow for it, is left out."""

from __future__ import annotations

from typing import Final

WINDOW_S: Final = 16_384 / 48_000
"""`/room/output` counts windows of this length."""
SOON_S: Final = 60.0
"""A room that ends so soon after its start may have been ended by what it opened."""
AGAIN_S: Final = 3600.0
"""So may one that is the second to end within an hour."""
LOOKED_S: Final = 10.0
SLOW: Final = 0.8
"""A room that computes less than this share of its sound in time is too slow."""


class InsertTrust:
    """`wanted`: the room's file names such patches, and Pd can open them. All times are monotonic seconds."""

    def __init__(self, wanted: bool) -> None:
        self.trusted = wanted
        self._ended_s = float("-inf")
        self._count = self._since_s = self._heard_s = 0.0

    def room_ended(self, lived_s: float, now_s: float) -> bool:
        """Whether later rooms do without the patches from now on."""
        again = now_s - self._ended_s < AGAIN_S
        self._ended_s = now_s
        if not self.trusted or not (again or lived_s < SOON_S):
            return False
        self.trusted = False
        return True

    def is_slow(self, count: float, now_s: float) -> bool:
        """Told what `/room/output` counts: whether the room has been too slow for so long that the patches have to go.
        It says so once."""
        begins_anew = count < self._count or now_s - self._heard_s > 3.0
        self._heard_s = now_s
        if begins_anew or self._since_s == 0.0:
            self._count, self._since_s = count, now_s
        elif now_s - self._since_s >= LOOKED_S:
            share = (count - self._count) * WINDOW_S / (now_s - self._since_s)
            self._count, self._since_s = count, now_s
            return self.trusted and share < SLOW
        return False

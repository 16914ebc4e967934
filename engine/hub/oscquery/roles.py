"""What each of three roles may do: look, play, and everything."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import Final

from engine.parameters.addresses import TABLE


class Role(IntEnum):
    """A higher one may do all that a lower one may."""

    LOOK = 0
    """Read everything, change nothing."""
    PLAY = 1
    """What a guard or a host of the house needs: moods, level, silence, keep, the faders of stems."""
    SERVICE = 2
    """Every address that a message may set."""

    @property
    def word(self) -> str:
        return self.name.lower()


WITH_PIN: Final = (Role.PLAY, Role.SERVICE)

_PLAYED: Final = re.compile(
    r"/mood|/mood/morph_s|/phrase/next|/keep|/undo|/pad/[xy]|/room/(level_db|silent|fade_s)"
    r"|/stem/[a-z0-9_]+/(level_db|mute|solo)|/session/(play|stop)"
)
_SENDERS_OWN: Final = re.compile(r"/(state/dump|alive|subscribe|unsubscribe|page(/.*)?)")
"""These concern the UDP port that a message comes from, which is not that of who is served here."""


@cache
def least_role(path: str) -> Role | None:
    """Who may set this address; None for what nobody sets this way, and for what is no address."""
    row = TABLE.get(path)
    if row is None or row.kind == "report" or _SENDERS_OWN.fullmatch(path):
        return Role.SERVICE if path.startswith("/sensor/") and path != "/sensor/" else None
    return Role.PLAY if _PLAYED.fullmatch(path) else Role.SERVICE


def may_set(role: Role, path: str) -> bool:
    least = least_role(path)
    return least is not None and role >= least

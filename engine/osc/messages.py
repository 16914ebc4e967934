"""What the processes of the installation tell the hub, and how it is checked before anybody believes it."""

from __future__ import annotations

import math
from typing import Final

from engine.parameters.stems import STEMS

INNER_REPORTS: Final = {
    "/sampler/alive": "f",
    "/archivist/alive": "f",
    "/keep/now": "s",
    "/midi/alive": "f",
    "/midi/devices": "s",
    "/renderer/hello": "*",
    "/renderer/lead": "f",
    "/renderer/nonfinite": "f",
    "/renderer/texture": "ss",
    "/phrase/now": "s",
    "/phrase/upcoming": "s",
    "/error": "ss",
    "/room/hello": "*",
    "/reel/playing": "s",
    "/reel/bad": "s",
    "/room/late": "f",
    "/room/hold": "f",
    "/room/queue": "f",
    "/room/meter": "ff",
    "/room/output": "ffff",
    "/room/waiting": "*",
    "/room/stopped": "*",
    "/hold/loaded": "*",
    "/hold/bad": "s",
    "/record/started": "s",
    "/record/done": "s",
    "/record/failed": "s",
}
"""What the other processes say, from this machine only: f a number, s a text, * whatever."""
METERS: Final = frozenset(f"/meter/{stem}" for stem in STEMS)


def is_inner(path: str) -> bool:
    return path in INNER_REPORTS or path in METERS


def fits(path: str, arguments: tuple[object, ...]) -> bool:
    """Whether the arguments of a report are what its address promises."""
    types = INNER_REPORTS.get(path, "ff")
    if types == "*":
        return True
    return len(types) == len(arguments) and all(
        isinstance(argument, str) if kind == "s" else isinstance(argument, int | float) and math.isfinite(argument)
        for kind, argument in zip(types, arguments, strict=True)
    )

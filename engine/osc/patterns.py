"""Address patterns of OSC 1.0: one message for all addresses that it matches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from engine.errors import ControlError

_MARKS: Final = frozenset("*?[{")
_PART: Final = re.compile(r"\*|\?|\[!?[^\]/]+\]|\{[^}/]*\}|[^*?\[\]{}]+|[\]}]")


def is_pattern(path: str) -> bool:
    return not _MARKS.isdisjoint(path)


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """The addresses that a pattern matches, in their order; `*` and `?` stay between two slashes.

    Raises ControlError where a bracket is not closed, or nothing matches.
    """
    expression = _expression(pattern)
    found = [path for path in paths if expression.fullmatch(path)]
    if not found:
        raise ControlError(f"{pattern} matches no address here")
    return found


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    parts = _PART.findall(pattern)
    if "".join(parts) != pattern:
        raise ControlError(f"{pattern} is no pattern: a bracket is not closed")
    try:
        return re.compile("".join(map(_translated, _without_repeats(parts))))
    except re.error:
        raise ControlError(f"{pattern} is no pattern: expected a range such as [a-z]") from None


def _without_repeats(parts: list[str]) -> list[str]:
    """`**` matches what `*` does, and takes no time to find out."""
    return [part for number, part in enumerate(parts) if part != "*" or number == 0 or parts[number - 1] != "*"]


def _translated(part: str) -> str:
    if part == "*":
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and len(part) > 2:
        inside = part[1:-1]
        negated, inside = ("^/", inside[1:]) if inside.startswith("!") else ("", inside)
        return "[" + negated + re.sub(r"[\\^\[\]&~|]", r"\\\g<0>", inside) + "]"
    if part.startswith("{"):
        return "(?:" + "|".join(map(re.escape, part[1:-1].split(","))) + ")"
    return re.escape(part)

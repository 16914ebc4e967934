"""Times of day as people write them: two ways are accepted; for others the message suggests one."""

from __future__ import annotations

import re
from typing import Final

DAY_MINUTES: Final = 24 * 60
_CLOCK: Final = re.compile(r"(\d{1,2}):([0-5]\d)")
_LOOSE: Final = re.compile(
    r"(?P<hours>\d{1,2})\s*(?:[:.,h]\s*(?P<minutes>\d{1,2})?(?::\d{2})?)?"
    r"\s*(?:h|uhr|o'clock)?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?",
    re.IGNORECASE,
)
_FOUR_DIGITS: Final = re.compile(r"(\d{1,2})(\d{2})")
_WORDS: Final = {
    "noon": "12:00",
    "midday": "12:00",
    "midnight": "24:00",
    "dawn": "sunrise",
    "sunup": "sunrise",
    "dusk": "sunset",
    "sundown": "sunset",
}
_SUN: Final = re.compile(r"(sunrise|sunset)\s*([+-])\s*(.+)", re.IGNORECASE)


def minutes_of(text: str) -> int | None:
    """Minutes after midnight of `9:00` or `09:00`, up to `24:00`; None for anything else."""
    found = _CLOCK.fullmatch(text)
    minutes = 60 * int(found[1]) + int(found[2]) if found else DAY_MINUTES + 1
    return minutes if minutes <= DAY_MINUTES else None


def meant_perhaps(text: str) -> str:
    """ " Did you mean 9:00?" for `9`, `0900`, `9.00`, `9 am` and the like; an empty text if that cannot be told."""
    word = text.strip()
    if found := _SUN.fullmatch(word):
        length = _near(found[3])
        near = f"{found[1].lower()} {found[2]} {length}" if length else None
    else:
        near = _WORDS.get(word.lower()) or (word.lower() if word.lower() in ("sunrise", "sunset") else _near(word))
    return f" Did you mean {near}?" if near else ""


def _near(word: str) -> str | None:
    if word.isdecimal() and len(word) > 2:
        found = _FOUR_DIGITS.fullmatch(word)
        return _clock(int(found[1]), int(found[2])) if found else None
    found = _LOOSE.fullmatch(word)
    if not found:
        return None
    hours, minutes = int(found["hours"]), found["minutes"] or "0"
    half = (found["half"] or "").lower()[:1]
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    return _clock(hours, int(minutes))


def _clock(hours: int, minutes: int) -> str | None:
    written = f"{hours}:{minutes:02d}"
    return written if minutes_of(written) is not None else None

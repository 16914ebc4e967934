"""Moments of a track in seconds: from seconds, bars, or the beginning of a section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.album.plan.sheet import TempoSettings
from engine.errors import RecordError
from engine.files.checked_yaml import nearest

EXPECTED: Final = "seconds, a bar as in `bar 9` or `bar 9.3`, a length as in `4 bars`, or a section as in `coda + 4`"

_BAR = re.compile(r"^bar (\d+)(?:\.(\d+))?$")
_BARS = re.compile(r"^(\d+(?:\.\d+)?) bars?$")
_SECTION = re.compile(r"^([a-z][a-z0-9_]*)(?:\s*([+-])\s*(\d+(?:\.\d+)?))?$")


class Clock:
    """Counts one track's bars, from 1, and knows where its sections begin."""

    def __init__(self, tempo: TempoSettings) -> None:
        self._beat_s = 60.0 / tempo.bpm
        self._bar_s = self._beat_s * tempo.beats_per_bar
        self.begins_s: dict[str, float] = {}
        """Beginnings by section, filled in as they become known."""

    def moment_s(self, text: float | str) -> float:
        """A point in time. Raises `RecordError` saying what was expected."""
        if isinstance(text, float):
            return _not_negative(text, "a moment")
        if bar := _BAR.match(text):
            number, beat = int(bar[1]), int(bar[2] or 1)
            if number < 1 or beat < 1:
                raise RecordError(f"{text!r}: bars and beats count from 1")
            return (number - 1) * self._bar_s + (beat - 1) * self._beat_s
        if section := _SECTION.match(text):
            return self._section_s(section[1], section[2], section[3])
        raise RecordError(f"{text!r} is no moment; expected {EXPECTED}")

    def length_s(self, text: float | str) -> float:
        """A length of time, above 0. Raises `RecordError`."""
        if isinstance(text, float):
            length_s = _not_negative(text, "a length")
        elif bars := _BARS.match(text):
            length_s = float(bars[1]) * self._bar_s
        else:
            raise RecordError(f"{text!r} is no length; expected {EXPECTED}")
        if length_s <= 0.0:
            raise RecordError("a length of 0; expected more")
        return length_s

    def _section_s(self, name: str, sign: str | None, seconds: str | None) -> float:
        known: Mapping[str, float] = self.begins_s
        if name not in known:
            hint = nearest(name, list(known)) or f" There are: {', '.join(known) or 'none yet'}"
            raise RecordError(f"there is no section {name!r} before this.{hint}")
        shift_s = float(seconds or 0.0) * (-1 if sign == "-" else 1)
        return _not_negative(known[name] + shift_s, "a moment")


def _not_negative(value_s: float, what: str) -> float:
    if value_s < 0.0:
        raise RecordError(f"{what} of {value_s:g} s; expected 0 or more")
    return value_s

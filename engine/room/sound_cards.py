"""Which sound cards there are now (ALSA on Linux), and how Pd is told of the one that is wanted.

Numbers of cards change from one start of the machine to the next, so a card is best named by what does not: its short
name (`PCH`, `USB`) or a part of its long one. A card may come late, go, and return.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ASOUND: Final = Path("/proc/asound")
_CARD: Final = re.compile(r"^\s*(\d+)\s+\[(\S+)\s*\]:\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Card:
    number: int
    short_name: str
    long_name: str


def playing_cards(folder: Path = ASOUND) -> tuple[Card, ...]:
    """The cards that have an output, in their present order. The files are described in ALSA's `proc.rst`."""
    try:
        cards = (folder / "cards").read_text("utf-8", errors="replace")
        outputs = (folder / "pcm").read_text("utf-8", errors="replace")
    except OSError:
        return ()
    with_output = {int(line[:2]) for line in outputs.splitlines() if "playback" in line and line[:2].isdigit()}
    found = [match for line in cards.splitlines() if (match := _CARD.match(line))]
    rows = (Card(int(match[1]), match[2], match[3].strip()) for match in found)
    return tuple(card for card in rows if card.number in with_output)


def alsa_device(wanted: str | None, cards: tuple[Card, ...]) -> str | None:
    """The ALSA device for what `--device` names, or None where that card is not there (yet).

    Nothing named: ALSA's `default`, if there is any card. A short name or part of a long one: that card, by name.
    Anything that has the form of an ALSA device (`hw:1`, `plughw:CARD=USB,DEV=0`) is taken as it is, if its card is
    there; other words too, for they may be defined in an `asoundrc`.
    """
    if wanted is None:
        return "default" if cards else None
    if match := re.fullmatch(r"(?:plug)?hw:(?:CARD=)?([^,]+)(?:,.*)?", wanted):
        there = any(match[1] in (str(card.number), card.short_name) for card in cards)
        return wanted if there else None
    for card in cards:
        if wanted == card.short_name or (len(wanted) > 2 and wanted.lower() in card.long_name.lower()):
            return f"plughw:CARD={card.short_name}"
    return wanted if re.fullmatch(r"[a-z_]+", wanted) and cards else None


def has_sound_card() -> bool:
    """Whether this machine can play sound now: on Linux, whether ALSA knows a card with an output."""
    return not sys.platform.startswith("linux") or bool(playing_cards())

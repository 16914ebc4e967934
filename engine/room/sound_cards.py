"""Which sound cards there are now (ALSA on Linux), and how Pd is told of the one that is wanted.

Numbers of cards change from one start of the machine to the next, so a card is best named by what does not: its short
name (`PCH`, `USB`) or a part of its long one. A card may come late, go, and return.
"""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.room import alsa_names

ASOUND: Final = Path("/proc/asound")
ASK_AGAIN_S: Final = 10.0
_asked_s, _opened = -ASK_AGAIN_S, False
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

    Nothing named: ALSA's `default`, if there is any card or it leads elsewhere. A short name or part of a long one:
    that card, by name. Anything that has the form of an ALSA device (`hw:1`, `plughw:CARD=USB,DEV=0`) is taken as it
    is, if its card is there; any other name if ALSA's configuration defines it, as an `asoundrc` may, without a card.
    """
    if wanted is None:
        return "default" if cards or _default_leads_elsewhere() else None
    if match := re.fullmatch(r"(?:plug)?hw:(?:CARD=)?([^,]+)(?:,.*)?", wanted):
        there = any(match[1] in (str(card.number), card.short_name) for card in cards)
        return wanted if there else None
    for card in cards:
        if wanted == card.short_name or (len(wanted) > 2 and wanted.lower() in card.long_name.lower()):
            return f"plughw:CARD={card.short_name}"
    return wanted if alsa_names.is_defined(wanted) else None


def _default_leads_elsewhere() -> bool:
    """Whether ALSA's `default` opens where there is no card. Asked seldom: it may be a device in the network."""
    global _asked_s, _opened
    if time.monotonic() - _asked_s > ASK_AGAIN_S:
        _asked_s, _opened = time.monotonic(), alsa_names.opens("default")
    return _opened


def has_sound_card() -> bool:
    """Whether this machine can play sound now: on Linux, whether ALSA has a card or another default with an output."""
    return not sys.platform.startswith("linux") or alsa_device(None, playing_cards()) is not None


def why_into_nothing(wanted: str | None) -> str:
    """Why nothing would be heard now, with what there is; empty where there is a device to play to."""
    if not sys.platform.startswith("linux"):
        return ""
    cards = playing_cards()
    if alsa_device(wanted, cards) is not None:
        return ""
    if wanted is None:
        return "no sound card: playing in real time into nothing"
    there = ", ".join(f"{card.short_name} ({card.long_name})" for card in cards) or "none"
    return (
        f"--device {wanted}: no card and no ALSA device is called so; playing into nothing until it comes. "
        f"Cards that are there: {there}"
    )

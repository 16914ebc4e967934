"""How many outputs a sound card has, asked of ALSA itself (`snd_pcm_hw_params_get_channels_max`).

`plughw` and `default` would take any number and mix them to what there is, and a corner of the room would be silent.
"""

from __future__ import annotations

import ctypes
import re
import sys
from typing import Final

from engine.errors import RoomError
from engine.parameters.loudspeakers import Loudspeakers
from engine.parameters.room import RoomPreset
from engine.room.alsa_names import DO_NOT_WAIT, PLAYBACK, library
from engine.room.sound_cards import Card, alsa_device, playing_cards

ANY_NUMBER: Final = 1024
"""A device that says it takes so many converts them (a mixer, a null device): it says nothing of the card."""


def check_card(preset: RoomPreset | None, wanted: str | None) -> None:
    """Raises RoomError where the card that would play has too few outputs; see `why_too_few`."""
    if why := why_too_few(preset, wanted, playing_cards() if sys.platform.startswith("linux") else ()):
        raise RoomError(why)


def why_too_few(preset: RoomPreset | None, wanted: str | None, cards: tuple[Card, ...]) -> str:
    """What is missing where the card has fewer outputs than the room has loudspeakers, and what there is; else empty.

    Without a card, or with one that is busy or cannot be asked, the outputs are unknown and no room is refused.
    """
    device = alsa_device(wanted, cards)
    if preset is None or preset.loudspeakers is None or device is None:
        return ""
    has = outputs(device)
    if has is None or has >= preset.loudspeakers.channels:
        return ""
    return _too_few(preset.title, preset.loudspeakers, device, has, cards)


def _too_few(title: str, room: Loudspeakers, device: str, has: int, cards: tuple[Card, ...]) -> str:
    missing = ", ".join(f"{one.name} (channel {one.channel})" for one in room.speakers if one.channel > has)
    there = "; ".join(f"{card.short_name} ({card.long_name}): {_said(card)}" for card in cards) or "no card"
    return (
        f"room {title!r} needs {room.channels} outputs, but {device} has {has}; nothing would play {missing}. "
        f"There are: {there}. Name another card with --device, or a room with fewer loudspeakers (`room list`)"
    )


def _said(card: Card) -> str:
    has = outputs(f"hw:CARD={card.short_name}")
    return "busy, or does not say" if has is None else f"{has} outputs"


def outputs(device: str) -> int | None:
    """The most outputs of an ALSA device; None where that cannot be known: busy, gone, or no ALSA here."""
    alsa = library()
    if alsa is None:
        return None
    handle, most = ctypes.c_void_p(), ctypes.c_uint()
    name = re.sub(r"^plughw:", "hw:", device)
    if alsa.snd_pcm_open(ctypes.byref(handle), name.encode(), PLAYBACK, DO_NOT_WAIT) < 0:
        return None
    settings = ctypes.create_string_buffer(alsa.snd_pcm_hw_params_sizeof())
    try:
        if alsa.snd_pcm_hw_params_any(handle, settings) < 0:
            return None
        if alsa.snd_pcm_hw_params_get_channels_max(settings, ctypes.byref(most)) < 0:
            return None
    finally:
        alsa.snd_pcm_close(handle)
    return most.value if most.value < ANY_NUMBER else None

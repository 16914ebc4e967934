"""Voices that an instrument plays in place of their own sound (`/voice/VOICE/midi_out`, `midi_only`).

Their layer is closed as long as the instrument is there, and open again when it has gone, so that nothing is missing.
What the reversed piano and the vocoder make of their notes stays.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from engine.parameters.scaling import SILENCE_DB
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import VOICES

S = TypeVar("S", bound=SoundSettings)


def ports_of(settings: SoundSettings) -> dict[str, str]:
    """The MIDI port of every voice that has one, as the mood names it."""
    named = {voice: str(getattr(settings.voice, voice).midi_out).strip() for voice in VOICES}
    return {voice: port for voice, port in named.items() if port}


def without_played_elsewhere(settings: S, there: Collection[str]) -> S:
    """`settings` with the layers closed of voices whose port is `there` and alone plays them."""
    ports = ports_of(settings)
    closed = [voice for voice, port in ports.items() if port in there and getattr(settings.voice, voice).midi_only]
    if not closed:
        return settings
    changed = settings.model_copy(deep=True)
    for voice in closed:
        getattr(changed.layer, voice).level_db = SILENCE_DB
    return changed


def level_addresses(before: SoundSettings, after: SoundSettings) -> dict[str, float]:
    """Levels of voices' layers that differ, by address, as they are in `after`."""
    levels = {voice: float(getattr(after.layer, voice).level_db) for voice in VOICES}
    return {
        f"/layer/{voice}/level_db": level
        for voice, level in levels.items()
        if level != getattr(before.layer, voice).level_db
    }

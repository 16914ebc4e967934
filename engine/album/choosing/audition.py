"""A take as it sounds before the mix: its voices, dry, at their layers' levels, as a short Opus file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import soundfile

from engine.album.performance.played import Placed
from engine.album.plan.plan import PlannedTrack
from engine.parameters.scaling import gain_of_db
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.voices.band import EVENT_FRAMES, Band, open_module

RING_S: Final = 2.5
_BLOCK: Final = 4096
_LOUD: Final = 0.7


def audition(track: PlannedTrack, placed: Sequence[Placed], soundfont: Path | None) -> bytes:
    """An Ogg Opus file of some scores, from the first one's beginning; silence of none."""
    begins_s = placed[0].start_s if placed else 0.0
    end_s = max((item.start_s + item.score.length_s for item in placed), default=0.0) - begins_s + RING_S
    module, _ = open_module(soundfont)
    band = Band(module)
    instruments = {name: str(getattr(track.settings.voice, name).instrument) for name in VOICES}
    gains = np.repeat([gain_of_db(getattr(track.track.layer, name).level_db) for name in VOICES], 2)[:, None]
    try:
        for item in placed:
            frame = round((item.start_s - begins_s) * SAMPLE_RATE_HZ / EVENT_FRAMES) * EVENT_FRAMES
            band.play(frame, item.score, instruments)
        blocks = [gains * band.render(_BLOCK) for _ in range(-(-round(end_s * SAMPLE_RATE_HZ) // _BLOCK))]
    finally:
        module.close()
    both = np.concatenate([block.reshape(len(VOICES), 2, -1).sum(axis=0) for block in blocks], axis=1).T
    out = io.BytesIO()
    loud = both * (_LOUD / max(float(np.abs(both).max()), _LOUD))
    with soundfile.SoundFile(out, "w", SAMPLE_RATE_HZ, 2, format="OGG", subtype="OPUS") as file:
        file.write(loud)
    return out.getvalue()

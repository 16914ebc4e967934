"""An ending: the tonic laid out from the bass upwards, slower and softer with every note."""

from __future__ import annotations

from random import Random
from typing import Final

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes
from engine.music.scale import Scale

CADENCE_S: Final = 11.0
_STEPS: Final = (0, 7, 12, 16, 19, 26)
"""Semitones above a low tonic: fifth, octave, third, fifth, and a ninth left open at the top."""
_BASS_NEAR: Final = 38
_FIRST_STEP_S: Final = 0.75
_SLOWING: Final = 1.22
_VELOCITY: Final = 54


def cadence(scale: Scale, generator: Random) -> Phrase:
    """A few notes in the scale, with pedal; the same generator gives the same touch."""
    tones = scale.tones(24, 100)
    bass = min((t for t in tones if (t - scale.root) % 12 == 0), key=lambda t: abs(t - _BASS_NEAR))
    notes: list[Note] = []
    onset_s, step_s = 0.0, _FIRST_STEP_S
    for number, interval in enumerate(_STEPS):
        pitch = min(tones, key=lambda t: (abs(t - bass - interval), t))
        velocity = _VELOCITY - 3 * number + generator.randint(-2, 2)
        notes.append(Note(onset_s, pitch, CADENCE_S - onset_s, velocity))
        onset_s += step_s * generator.uniform(0.95, 1.05)
        step_s *= _SLOWING
    return Phrase(sorted_notes(notes), (PedalSpan(0.0, CADENCE_S),), "cadence")

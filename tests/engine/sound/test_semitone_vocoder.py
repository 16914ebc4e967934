"""The vocoder of records: what is spoken has the modulator's pitches in the carrier's voice, at its loudness."""

from __future__ import annotations

import numpy as np

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.semitone_vocoder import HOP_FRAMES, LATENESS_FRAMES, SemitoneVocoder
from tests.engine.sounds import rms

FRAMES = 48 * HOP_FRAMES


def test_a_chord_is_spoken_in_its_own_pitches() -> None:
    time_s = np.arange(FRAMES) / SAMPLE_RATE_HZ
    chord_hz = (293.66, 369.99, 440.0)
    chord = (0.1 * sum(np.sin(2 * np.pi * hz * time_s) for hz in chord_hz)).astype(np.float32)
    noise = (0.1 * np.random.default_rng(1).standard_normal(FRAMES)).astype(np.float32)
    spoken = SemitoneVocoder().process(chord, noise)
    settled = spoken[LATENESS_FRAMES * 2 :]
    power = np.abs(np.fft.rfft(settled * np.hanning(len(settled)))) ** 2
    hz = np.fft.rfftfreq(len(settled), 1 / SAMPLE_RATE_HZ)
    inside = np.zeros_like(hz, bool)
    for tone in chord_hz:
        inside |= np.abs(12 * np.log2(np.maximum(hz, 1) / tone)) < 1.0
    assert power[inside].sum() > 0.85 * power.sum()
    assert 0.5 < rms(settled) / rms(chord) < 2.0


def test_silence_is_spoken_as_silence_and_pieces_do_not_matter() -> None:
    rng = np.random.default_rng(2)
    one, other = (rng.standard_normal(FRAMES).astype(np.float32) for _ in range(2))
    assert not SemitoneVocoder().process(np.zeros(FRAMES, np.float32), other).any()
    whole = SemitoneVocoder().process(one, other)
    vocoder = SemitoneVocoder()
    cut = [vocoder.process(one[i : i + 4096], other[i : i + 4096]) for i in range(0, FRAMES, 4096)]
    assert np.array_equal(np.concatenate(cut), whole)

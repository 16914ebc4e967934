"""A short record of two tracks that uses every operation, rendered once for all tests of what comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.album.output_folder import OutputFolder
from engine.album.plan.plan import RecordPlan, load_plan
from engine.album.rendering.order import Order
from engine.album.rendering.rendering import Result, render_record
from engine.music.midi.writing import write_phrase
from engine.music.notes import Note, Phrase
from engine.sound.voices.soundfonts import find_soundfont

SHEET = """
title: Étude "brève"
tracks:
  - title: Air
    tail_s: 2
    scale: {root: D, mode: major}
    performer: {name: satie, phrase_s: 10, density_notes_per_s: 3}
    voice:
      cello: {density: 1}
      bells: {density: 0.8}
      chords: {instrument: piano, density: 1}
      drums: {density: 1}
    textures:
      air:
        file: air.wav
        operations: {into_scale: {}, drop_dissonant: {}, loop: {fade_s: 0.5}}
    sections:
      - {name: opening, length: 10}
      - {name: close, at: opening + 10, length: 13, cadence: true, voice: {guitar: {density: 1}}}
    clips:
      - {texture: air, stem: texture_1}
      - {texture: air, stem: texture_2, copy: halves_swapped}
      - {texture: air, stem: texture_3, copy: octave_up, at: 2, length: 6}
    vocoder: {}
    layer:
      texture_1: {level_db: -20, pan: -1, reverb: 0}
      texture_2: {level_db: -20, pan: 1, reverb: 0}
      texture_3: {reverb: 0}
    automation:
      /layer/texture_1/level_db: [[0, -24], [10, -20]]
  - title: Suite
    tail_s: 1
    bells_on: accents
    performer: {name: satie, phrase_s: 8}
    textures:
      raw: {file: air.wav, operations: {lower_noisy: {}, loop: {}}}
    sections:
      - {name: after, length: 7, continues: track 1 opening, takes: 1}
      - {name: dance, length: 9, midi: dance.mid, voice: {drums: {density: 1}}}
    clips:
      - {texture: raw, stem: texture_1, length: 16}
"""


def write_air(path: Path) -> None:
    """Twelve seconds of a D major chord under a breath of hiss, with a foreign tone and a burst of noise in it."""
    rate_hz = 16_000
    time_s = np.arange(12 * rate_hz) / rate_hz
    rng = np.random.default_rng(1)
    partials = [(hz, n) for hz in (146.8, 220.0, 370.0, 440.0, 587.3) for n in range(1, 9) if n * hz < 7500]
    sound = sum(np.sin(2 * np.pi * n * hz * time_s + rng.random() * 6) / n for hz, n in partials)
    sound = 0.05 * sound * (1 + 0.3 * np.sin(time_s)) + 0.004 * rng.standard_normal(len(time_s))
    sound[5 * rate_hz : 6 * rate_hz] += 0.2 * np.sin(2 * np.pi * 311.1 * time_s[:rate_hz])
    sound[8 * rate_hz : 9 * rate_hz] = 0.2 * rng.standard_normal(rate_hz)
    soundfile.write(path, sound, rate_hz)


def write_dance(path: Path) -> None:
    """Eight seconds in a steady three."""
    beats = [Note(0.5 * n, 45 if n % 3 == 0 else 64 + n % 5, 0.45, 80 if n % 3 == 0 else 60) for n in range(16)]
    write_phrase(path, Phrase(tuple(beats)))


@pytest.fixture(scope="session")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("record")
    write_air(folder / "air.wav")
    write_dance(folder / "dance.mid")
    (folder / "brief.yaml").write_text(SHEET, "utf-8")
    return folder / "brief.yaml"


@pytest.fixture(scope="session")
def plan(sheet: Path) -> RecordPlan:
    return load_plan(sheet)


def rendered(plan: RecordPlan, out: Path, seed: int = 5, rate_hz: int = 48_000) -> Result:
    order = Order(seed, rate_hz, find_soundfont())
    return render_record(plan, order, OutputFolder(out, 1_000_000), lambda share: None)


@pytest.fixture(scope="session")
def record(plan: RecordPlan, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return rendered(plan, tmp_path_factory.mktemp("out") / "brief")

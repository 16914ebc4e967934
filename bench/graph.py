"""How much faster than real time the sound path is: every voice, three textures, every effect, one core."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Measurement
from engine.addresses import values_of
from engine.layers.layers import Layers
from engine.layers.manual_server import STEP_FRAMES
from engine.notes import Note, Score, sorted_notes
from engine.reel_format import CHANNELS, SAMPLE_RATE_HZ, VOICES
from engine.settings import SoundSettings
from engine.soundfonts import find_soundfont
from engine.voices import Band, open_module

LENGTH_S = 20.0
SILENT_S = 60.0
"""How long sources fade and stay silent: longer than the longest reverb, where denormal numbers would show."""

Dry = Callable[[], NDArray[np.float32]]


def full_settings() -> SoundSettings:
    """Every layer audible, through every effect."""
    settings = SoundSettings()
    settings.effects.reverb_s = 10.0
    for name in type(settings.layer).model_fields:
        layer = getattr(settings.layer, name)
        layer.level_db, layer.reverb, layer.delay, layer.vocoder, layer.compressor = -12.0, 0.5, 0.3, 0.3, 0.5
        layer.highpass_hz, layer.lowpass_hz = 60.0, 9000.0
    return settings


def busy_score(length_s: float) -> Score:
    """Four notes a second in each voice."""
    rng = np.random.default_rng(1)
    onsets_s = np.arange(0.0, length_s, 0.25).tolist()
    voices = {
        voice: sorted_notes(Note(t, int(rng.integers(40, 85)), 1.0, int(rng.integers(30, 100))) for t in onsets_s)
        for voice in VOICES
    }
    return Score(voices=voices, length_s=length_s)


def _speed(layers: Layers, dry: Dry, length_s: float, numbers: dict[str, float]) -> float:
    """Seconds of sound per second of processor time, so that what else runs on the machine matters less."""
    steps = round(length_s * SAMPLE_RATE_HZ / STEP_FRAMES)
    start_s = time.process_time()
    for _ in range(steps):
        layers.process(dry(), numbers, "D")
    return steps * STEP_FRAMES / SAMPLE_RATE_HZ / (time.process_time() - start_s)


def measure() -> dict[str, Measurement]:
    settings = full_settings()
    numbers = {path: float(value) for path, value in values_of(settings).items() if not isinstance(value, str)}
    module, _ = open_module(find_soundfont())
    band = Band(module)
    band.play(0, busy_score(LENGTH_S), {voice: getattr(settings.voice, voice).instrument for voice in VOICES})
    rng = np.random.default_rng(1)
    noise = (0.1 * rng.standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)
    silence = np.zeros_like(noise)

    def playing() -> NDArray[np.float32]:
        dry = noise.copy()
        dry[: 2 * len(VOICES)] = band.render(STEP_FRAMES)
        return dry

    layers = Layers()
    _speed(layers, playing, 1.0, numbers)
    full = _speed(layers, playing, LENGTH_S - 2.0, numbers)
    faded = _speed(layers, lambda: silence, SILENT_S, numbers)
    layers.close()
    return {
        "graph_x_realtime": Measurement(full, "× real time", limit=20.0, better="more"),
        "graph_silent_x_realtime": Measurement(
            faded, "× real time", limit=20.0, better="more", reference=full, reference_is="while it sounds"
        ),
    }

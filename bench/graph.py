"""How much faster than real time the sound path is on one core: the graph with ten full stems and every effect on
each, the same in silence, the voices, and all together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Measurement
from engine.addresses import values_of
from engine.conductor import Conductor
from engine.layers.layers import Layers
from engine.layers.manual_server import STEP_FRAMES
from engine.moods import load_mood
from engine.notes import Phrase
from engine.phrase_store import Request
from engine.reel_format import CHANNELS, SAMPLE_RATE_HZ, VOICES
from engine.settings import SoundSettings
from engine.soundfonts import find_soundfont
from engine.voices import Band, open_module

LENGTH_S = 6.0
REPEATS = 4
"""The quickest counts: what else runs on the machine only ever slows it."""
MOOD = "gymnopedie"
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


def _speed(layers: Layers, dry: Dry, length_s: float, numbers: dict[str, float]) -> float:
    """Seconds of sound per second of processor time, so that what else runs on the machine matters less."""
    steps = round(length_s * SAMPLE_RATE_HZ / STEP_FRAMES)
    start_s = time.process_time()
    for _ in range(steps):
        layers.process(dry(), numbers, "D")
    return steps * STEP_FRAMES / SAMPLE_RATE_HZ / (time.process_time() - start_s)


def measure() -> dict[str, Measurement]:
    full = _numbers(full_settings())
    rng = np.random.default_rng(1)
    noise = (0.1 * rng.standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)
    silence = np.zeros_like(noise)
    layers = Layers()
    _speed(layers, lambda: noise, 1.0, full)
    sounding = max(_speed(layers, lambda: noise, LENGTH_S, full) for _ in range(REPEATS))
    silent = _speed(layers, lambda: silence, SILENT_S, full)
    voices, chain = _with_voices(layers)
    layers.close()
    return {
        "graph_x_realtime": Measurement(sounding, "× real time", limit=20.0, better="more"),
        "graph_silent_x_realtime": Measurement(
            silent, "× real time", limit=20.0, better="more", reference=sounding, reference_is="while it sounds"
        ),
        "voices_x_realtime": Measurement(voices, "× real time"),
        "voices_and_graph_x_realtime": Measurement(chain, "× real time"),
    }


def _with_voices(layers: Layers) -> tuple[float, float]:
    """Speed of the SoundFont voices alone, and with the graph after them, in a minute in which every voice plays."""
    mood = load_mood(MOOD)
    instruments = {voice: getattr(mood.voice, voice).instrument for voice in VOICES}
    for voice in VOICES:
        getattr(mood.voice, voice).density = 1.0
    module, _ = open_module(find_soundfont())
    band = Band(module)
    conductor, start_s = Conductor(1, mood, _NoPhrases()), 0.0
    while start_s < 60.0:
        score = conductor.next_score()
        band.play(round(start_s * SAMPLE_RATE_HZ), score, instruments)
        start_s += score.length_s
    steps = round(60.0 * SAMPLE_RATE_HZ / STEP_FRAMES)
    begin_s = time.process_time()
    played = [band.render(STEP_FRAMES) for _ in range(steps)]
    voices_s = time.process_time() - begin_s
    dry = np.zeros((CHANNELS, STEP_FRAMES), np.float32)
    numbers = _numbers(mood)
    begin_s = time.process_time()
    for stems in played:
        dry[: len(stems)] = stems
        layers.process(dry, numbers, mood.scale.root)
    chain_s = voices_s + time.process_time() - begin_s
    return 60.0 / voices_s, 60.0 / chain_s


class _NoPhrases:
    """Rules alone: the bench measures sound, not drawing."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:  # noqa: ARG002 - the protocol names it
        return None


def _numbers(settings: SoundSettings) -> dict[str, float]:
    values = values_of(settings)
    return {path: float(value) for path, value in values.items() if not isinstance(value, str)}

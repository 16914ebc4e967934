"""How much faster than real time the sound path is on one core: all of it with everything on, the same after its
sources have faded to silence, and its parts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.measurement import Measurement
from engine.music.conductor.conductor import Conductor
from engine.music.notes import Phrase
from engine.music.phrases.store import Request
from engine.parameters.addresses import values_of
from engine.parameters.moods import load_mood
from engine.parameters.sound import Mood
from engine.parameters.stems import CHANNELS, SAMPLE_RATE_HZ, TEXTURES, VOICES
from engine.renderer.studio import Studio
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.voices.band import Band, open_module
from engine.sound.voices.soundfonts import find_soundfont

LENGTH_S = 60.0
"""Of each measurement; silence too lasts longer than the longest reverb, where denormal numbers would show."""
SETTLE_S = 8.0
"""Until textures have faded in, or all has faded out."""
REPEATS = 3
"""The quickest counts: what else runs on the machine only ever slows it."""
MOOD = "gymnopedie"
RATES_HZ = (48_000, 44_100, 22_050)
"""Textures come at other rates too."""


def full_mood() -> Mood:
    """Every voice as busy as can be, three textures, every layer audible and through every effect."""
    mood = load_mood(MOOD)
    for name in VOICES:
        getattr(mood.voice, name).density = 1.0
    for name in TEXTURES:
        getattr(mood.layer, name).file = f"{name}*"
    mood.effects.reverb_s = 10.0
    for name in type(mood.layer).model_fields:
        layer = getattr(mood.layer, name)
        layer.level_db, layer.reverb, layer.delay, layer.vocoder, layer.compressor = -12.0, 0.5, 0.3, 0.3, 0.5
        layer.highpass_hz, layer.lowpass_hz = 60.0, 9000.0
    return mood


def silent_mood() -> Mood:
    """The same layers and effects, with nothing to play."""
    mood = full_mood()
    for name in VOICES:
        getattr(mood.voice, name).density = 0.0
    for name in TEXTURES:
        getattr(mood.layer, name).file = ""
    return mood


def measure() -> dict[str, Measurement]:
    sounding, silent = _whole()
    voices = max(_voices() for _ in range(REPEATS))
    layers, layers_silent = _layers()
    unit = "× real time"
    return {
        "graph_x_realtime": Measurement(sounding, unit, limit=20.0, better="more"),
        "graph_silent_x_realtime": Measurement(
            silent, unit, limit=20.0, better="more", reference=sounding, reference_is="while it sounds"
        ),
        "voices_x_realtime": Measurement(voices, unit),
        "layers_x_realtime": Measurement(layers, unit, limit=20.0, better="more"),
        "layers_silent_x_realtime": Measurement(
            layers_silent, unit, limit=20.0, better="more", reference=layers, reference_is="while they sound"
        ),
    }


def _speed(step: Callable[[], object], length_s: float = LENGTH_S) -> float:
    """Seconds of sound per second of processor time, so that what else runs on the machine matters less."""
    steps = round(length_s * SAMPLE_RATE_HZ / STEP_FRAMES)
    start_s = time.process_time()
    for _ in range(steps):
        step()
    return steps * STEP_FRAMES / SAMPLE_RATE_HZ / (time.process_time() - start_s)


def _whole() -> tuple[float, float]:
    """Voices, reversed piano, three textures from files, and all layers with all effects; then all of it in silence."""
    mood = full_mood()
    heard: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        _write_textures(Path(folder))
        studio = Studio(
            Conductor(1, mood, _NoPhrases()),
            mood,
            soundfont=find_soundfont(),
            textures=[Path(folder)],
            report=lambda _kind, subject, text: heard.update({subject: text}),
        )
        _speed(studio.render_step, SETTLE_S)
        if not all(heard.get(stem) for stem in TEXTURES):
            raise RuntimeError(f"not every texture plays: {heard}")
        sounding = max(_speed(studio.render_step) for _ in range(REPEATS))
        studio.change_mood(silent_mood(), 0.0)
        _speed(studio.render_step, SETTLE_S)
        silent = _speed(studio.render_step)
        studio.close()
    return sounding, silent


def _layers() -> tuple[float, float]:
    """The layers alone: every stem full of noise, then silent."""
    numbers = {path: float(v) for path, v in values_of(full_mood()).items() if not isinstance(v, str)}
    noise = (0.1 * np.random.default_rng(1).standard_normal((CHANNELS, STEP_FRAMES))).astype(np.float32)
    silence = np.zeros_like(noise)
    layers = Layers()
    _speed(lambda: layers.process(noise, numbers, "D"), SETTLE_S)
    sounding = max(_speed(lambda: layers.process(noise, numbers, "D")) for _ in range(REPEATS))
    silent = _speed(lambda: layers.process(silence, numbers, "D"))
    layers.close()
    return sounding, silent


def _voices() -> float:
    """The SoundFont's voices alone."""
    mood = full_mood()
    instruments = {voice: getattr(mood.voice, voice).instrument for voice in VOICES}
    module, _ = open_module(find_soundfont())
    band, conductor, start_s = Band(module), Conductor(1, mood, _NoPhrases()), 0.0
    while start_s < LENGTH_S:
        score = conductor.next_score()
        band.play(round(start_s * SAMPLE_RATE_HZ), score, instruments)
        start_s += score.length_s
    speed = _speed(lambda: band.render(STEP_FRAMES))
    module.close()
    return speed


def _write_textures(folder: Path) -> None:
    """Recordings for the three textures: slowly wandering noise."""
    rng = np.random.default_rng(1)
    for name, rate_hz in zip(TEXTURES, RATES_HZ, strict=True):
        noise: NDArray[np.float64] = rng.standard_normal((20 * rate_hz, 2))
        soundfile.write(folder / f"{name}.flac", 0.1 * np.cumsum(noise, axis=0) / np.sqrt(len(noise)), rate_hz)


class _NoPhrases:
    """Rules alone: the bench measures sound, not drawing."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:  # noqa: ARG002 - the protocol names it
        return None

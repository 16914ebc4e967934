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
from engine.addresses import values_of
from engine.conductor import Conductor
from engine.layers.layers import Layers
from engine.layers.manual_server import STEP_FRAMES
from engine.moods import load_mood
from engine.notes import Phrase
from engine.phrase_store import Request
from engine.reel_format import CHANNELS, SAMPLE_RATE_HZ, TEXTURES, VOICES
from engine.settings import Mood
from engine.sound_path import Scheduled, SoundPath
from engine.soundfonts import find_soundfont
from engine.texture_deck import TextureChoice, TextureDeck
from engine.voices import Band, open_module

LENGTH_S = 60.0
"""Of each measurement; silence too lasts longer than the longest reverb, where denormal numbers would show."""
SETTLE_S = 4.0
REPEATS = 3
"""The quickest counts: what else runs on the machine only ever slows it."""
MOOD = "gymnopedie"
FILES = (("plain.ogg", 48_000), ("reversed.flac", 44_100), ("deeper.wav", 22_050))
CHOICES = (TextureChoice("plain*"), TextureChoice("reversed*", reverse=True), TextureChoice("deeper*", octave=-1))


def full_mood() -> Mood:
    """Every voice as busy as can be, every layer audible and through every effect."""
    mood = load_mood(MOOD)
    for name in VOICES:
        getattr(mood.voice, name).density = 1.0
    mood.effects.reverb_s = 10.0
    for name in type(mood.layer).model_fields:
        layer = getattr(mood.layer, name)
        layer.level_db, layer.reverb, layer.delay, layer.vocoder, layer.compressor = -12.0, 0.5, 0.3, 0.3, 0.5
        layer.highpass_hz, layer.lowpass_hz = 60.0, 9000.0
    return mood


def measure() -> dict[str, Measurement]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_textures(folder)
        sounding, silent = _whole(folder)
        textures = max(_textures(folder) for _ in range(REPEATS))
    voices = max(_voices() for _ in range(REPEATS))
    layers, layers_silent = _layers()
    unit = "× real time"
    return {
        "graph_x_realtime": Measurement(sounding, unit, limit=20.0, better="more"),
        "graph_silent_x_realtime": Measurement(
            silent, unit, limit=20.0, better="more", reference=sounding, reference_is="while it sounds"
        ),
        "voices_x_realtime": Measurement(voices, unit),
        "textures_x_realtime": Measurement(textures, unit),
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


def _whole(folder: Path) -> tuple[float, float]:
    """Voices, reversed piano, three textures from files, and all layers with all effects; then all of it in silence."""
    mood = full_mood()
    numbers, decks = _numbers(mood), _decks(folder)
    path = SoundPath(1, mood.scale.root, find_soundfont())
    scores = _scores(mood, SETTLE_S + (REPEATS + 1) * LENGTH_S)
    for item in scores:
        path.play(item)

    def step() -> None:
        path.render_step(numbers, mood.scale.root, {s: deck.render(STEP_FRAMES) for s, deck in decks.items()}, scores)

    def silent_step() -> None:
        path.render_step(numbers, mood.scale.root, dict.fromkeys(TEXTURES), [])

    _speed(step, SETTLE_S)
    sounding = max(_speed(step) for _ in range(REPEATS))
    path.cut()
    path.restart_reverse([])
    silent = _speed(silent_step)
    path.close()
    for deck in decks.values():
        deck.close()
    return sounding, silent


def _layers() -> tuple[float, float]:
    """The layers alone: every stem full of noise, then silent."""
    numbers = _numbers(full_mood())
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
    module, _ = open_module(find_soundfont())
    band = Band(module)
    for item in _scores(full_mood(), LENGTH_S):
        band.play(*item)
    speed = _speed(lambda: band.render(STEP_FRAMES))
    module.close()
    return speed


def _textures(folder: Path) -> float:
    """Three textures alone."""
    decks = list(_decks(folder).values())
    speed = _speed(lambda: [deck.render(STEP_FRAMES) for deck in decks])
    for deck in decks:
        deck.close()
    return speed


def _scores(mood: Mood, length_s: float) -> list[Scheduled]:
    instruments = {voice: getattr(mood.voice, voice).instrument for voice in VOICES}
    conductor, start_frame = Conductor(1, mood, _NoPhrases()), 0
    scores: list[Scheduled] = []
    while start_frame < length_s * SAMPLE_RATE_HZ:
        scores.append(Scheduled(start_frame, conductor.next_score(), instruments))
        start_frame = scores[-1].end_frame
    return scores


def _decks(folder: Path) -> dict[str, TextureDeck]:
    decks = {stem: TextureDeck(stem, folder, 1, _nothing, _complain) for stem in TEXTURES}
    for deck, choice in zip(decks.values(), CHOICES, strict=True):
        deck.choose(choice)
    return decks


def _write_textures(folder: Path) -> None:
    """Recordings as people have them: other rates, other formats."""
    rng = np.random.default_rng(1)
    for name, rate_hz in FILES:
        noise: NDArray[np.float64] = rng.standard_normal((20 * rate_hz, 2))
        soundfile.write(folder / name, 0.1 * np.cumsum(noise, axis=0) / np.sqrt(len(noise)), rate_hz)


def _nothing(_name: str) -> None:
    pass


def _complain(what: str) -> None:
    raise RuntimeError(what)


class _NoPhrases:
    """Rules alone: the bench measures sound, not drawing."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:  # noqa: ARG002 - the protocol names it
        return None


def _numbers(settings: Mood) -> dict[str, float]:
    values = values_of(settings)
    return {path: float(value) for path, value in values.items() if not isinstance(value, str)}

"""How much faster than real time the sound path is on one core: all of it with everything on, the same after its
sources have faded to silence, its parts, the moods as they are, and the same mixer in pedalboard beside it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.measurement import REPETITIONS, Measurement, median
from engine.music.conductor.conductor import Conductor
from engine.music.notes import Phrase
from engine.music.phrases.store import Request
from engine.parameters.addresses import set_value, values_of
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.sound import Mood
from engine.parameters.stems import LAYERS, SAMPLE_RATE_HZ, TEXTURES, VOICES
from engine.renderer.studio import Studio
from engine.sound.layers.layers import Layers
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.textures.library import SHIPPED_FOLDER
from engine.sound.voices.band import Band, open_module
from engine.sound.voices.soundfonts import find_soundfont

LENGTH_S = 8.0
"""Of each repetition."""
SETTLE_S = 8.0
"""Until textures have faded in, or all has faded out."""
SILENCE_S = 40.0
"""Longer than the longest reverb, where denormal numbers would show."""
MOOD = "gymnopedie"
RATES_HZ = (48_000, 44_100, 22_050)
"""Textures come at other rates too."""
REVERSED_S = 3
"""Of the reverb that the reversed piano drowns in."""


FULL = {
    "level_db": -12.0,
    "highpass_hz": 60.0,
    "lowpass_hz": 9000.0,
    "reverb": 0.5,
    "near": 0.5,
    "delay": 0.3,
    "vocoder": 0.3,
    "compressor": 0.5,
}
"""Of every layer; the six moods use no more than this."""
COLOURS = {"tape": 0.5, "chorus": 0.5}


def full_mood() -> Mood:
    """Every voice as busy as can be, three textures, every layer audible and through every effect."""
    mood = load_mood(MOOD)
    for name in VOICES:
        getattr(mood.voice, name).density = 1.0
    for name in TEXTURES:
        getattr(mood.layer, name).file = f"{name}*"
    set_value(mood, "/effects/reverb_s", 10.0)
    for layer in LAYERS:
        for name, value in FULL.items():
            set_value(mood, f"/layer/{layer}/{name}", value)
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
    sounding, silent = whole()
    chain, mixer = _pedalboard(with_sources=True), _pedalboard(with_sources=False)
    layers, coloured, layers_silent = _layers()
    moods = {name: mood_speed(name) for name in list_moods()}
    unit, same = "× real time", "the same chain in pedalboard"
    rows = {
        "graph_x_realtime": Measurement(sounding, unit, chain, same, at_least=1.0),
        "graph_silent_x_realtime": Measurement(silent, unit, sounding, "while it sounds", at_least=1.0),
        "voices_x_realtime": Measurement(_voices(), unit, sounding, "the whole path"),
        "layers_x_realtime": Measurement(layers, unit, mixer, "the same mixer in pedalboard", at_least=1.0),
        "layers_with_tape_and_chorus_x_realtime": Measurement(coloured, unit, layers, "without", at_least=0.6),
        "layers_silent_x_realtime": Measurement(layers_silent, unit, layers, "while they sound", at_least=1.0),
    }
    slowest_first = sorted(moods.items(), key=lambda item: item[1])
    return rows | {f"{name}_x_realtime": Measurement(v, unit, chain, same, at_least=1.0) for name, v in slowest_first}


def _settled_speed(step: Callable[[], object], settle_s: float = SETTLE_S) -> float:
    """The median of a few stretches, after one that does not count."""
    _speed(step, settle_s)
    return median(lambda: _speed(step))


def _speed(step: Callable[[], object], length_s: float = LENGTH_S) -> float:
    """Seconds of sound per second of processor time, so that what else runs on the machine matters less."""
    steps = round(length_s * SAMPLE_RATE_HZ / STEP_FRAMES)
    start_s = time.process_time()
    for _ in range(steps):
        step()
    return steps * STEP_FRAMES / SAMPLE_RATE_HZ / (time.process_time() - start_s)


@cache
def whole() -> tuple[float, float]:
    """Voices, reversed piano, three textures from files, and all layers with all effects; then all of it in silence."""
    mood = full_mood()
    heard: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        write_textures(Path(folder))
        studio = Studio(
            Conductor(1, mood, NoPhrases()),
            mood,
            soundfont=find_soundfont(),
            textures=[Path(folder)],
            report=lambda _kind, subject, text: heard.update({subject: text}),
        )
        _speed(studio.render_step, SETTLE_S)
        if not all(heard.get(stem) for stem in TEXTURES):
            raise RuntimeError(f"not every texture plays: {heard}")
        sounding = median(lambda: _speed(studio.render_step))
        studio.change_mood(silent_mood(), 0.0)
        silent = _settled_speed(studio.render_step, SILENCE_S)
        studio.close()
    return sounding, silent


def _layers() -> tuple[float, float, float]:
    """The layers alone: every stem full of noise, then with tape and chorus too, then silent."""
    numbers = {path: float(v) for path, v in values_of(full_mood()).items() if not isinstance(v, str)}
    coloured = numbers | {f"/layer/{layer}/{name}": value for layer in LAYERS for name, value in COLOURS.items()}
    noise = _noise()
    silence = np.zeros_like(noise)
    layers = Layers()
    sounding = _settled_speed(lambda: layers.process(noise, numbers, "D"))
    colours = _settled_speed(lambda: layers.process(noise, coloured, "D"))
    silent = _settled_speed(lambda: layers.process(silence, numbers, "D"), SILENCE_S)
    layers.close()
    return sounding, colours, silent


def _noise() -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(1).standard_normal((2 * len(LAYERS), STEP_FRAMES))).astype(np.float32)


def _pedalboard(*, with_sources: bool) -> float:
    """Ten strips (compressor, low cut, high cut, level), two reverbs and an echo; pedalboard has no vocoder.

    With sources, it also opens what sounds: voices on FluidSynth, since pedalboard plays no SoundFont either, three
    textures that it brings to one rate as it reads, the reversed reverb as a convolution, and a limiter at the end.
    """
    pb: Any = import_module("pedalboard")  # the extra "bench"; it has no types

    strips = [pb.Pedalboard(_strip(pb)) for _ in LAYERS]
    wet = {"wet_level": 1.0, "dry_level": 0.0}
    rooms = [pb.Pedalboard([pb.Reverb(room_size=size, **wet)]) for size in (0.4, 0.9)]
    rooms.append(pb.Pedalboard([pb.Delay(0.6, 0.35, 1.0)]))
    noise = _noise().reshape(len(LAYERS), 2, STEP_FRAMES)

    def mix(stems: NDArray[np.float32]) -> NDArray[np.float32]:
        heard = [strip(sound, SAMPLE_RATE_HZ, reset=False) for strip, sound in zip(strips, stems, strict=True)]
        sent = np.sum(heard, axis=0) * np.float32(0.3)
        mixed: NDArray[np.float32] = np.sum(
            [*heard, *(room(sent, SAMPLE_RATE_HZ, reset=False) for room in rooms)], axis=0
        )
        return mixed

    if not with_sources:
        return _settled_speed(lambda: mix(noise))
    with tempfile.TemporaryDirectory() as folder, _playing_band() as band:
        write_textures(Path(folder))
        textures = [_read_without_end(pb, path) for path in sorted(Path(folder).iterdir())]
        decay = 0.05 * np.exp(-np.arange(REVERSED_S * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ).astype(np.float32)
        reversed_reverb = pb.Pedalboard([pb.Convolution(np.stack([decay, decay]), 1.0, SAMPLE_RATE_HZ)])
        limiter = pb.Pedalboard([pb.Limiter()])

        def step() -> None:
            voices = band.render(STEP_FRAMES)
            piano = reversed_reverb(voices[:2], SAMPLE_RATE_HZ, reset=False)
            stems = [*voices.reshape(-1, 2, STEP_FRAMES), piano, *(next(texture) for texture in textures)]
            limiter(mix(np.stack(stems)), SAMPLE_RATE_HZ, reset=False)

        return _settled_speed(step)


def _read_without_end(pb: Any, path: Path) -> Iterator[NDArray[np.float32]]:
    """A file at the room's rate, step by step, over and over."""
    while True:
        with pb.io.AudioFile(str(path)).resampled_to(SAMPLE_RATE_HZ) as file:
            while (sound := file.read(STEP_FRAMES)).shape[1] == STEP_FRAMES:
                yield sound


def _strip(pb: Any) -> list[Any]:
    return [pb.Compressor(-24.0, 4.0), pb.Gain(-12.0), pb.HighpassFilter(60.0), pb.LowpassFilter(9000.0)]


@cache
def mood_speed(name: str) -> float:
    """The whole path in a mood as it is, with textures that ship, after its textures have come in."""
    mood = load_mood(name)
    studio = Studio(Conductor(1, mood, NoPhrases()), mood, soundfont=find_soundfont(), textures=[SHIPPED_FOLDER])
    speed = _settled_speed(studio.render_step)
    studio.close()
    return speed


def _voices() -> float:
    """The SoundFont's voices alone."""
    with _playing_band() as band:
        return _settled_speed(lambda: band.render(STEP_FRAMES))


@contextmanager
def _playing_band() -> Iterator[Band]:
    """The voices of the full mood, with notes enough for all repetitions."""
    mood = full_mood()
    instruments = {voice: getattr(mood.voice, voice).instrument for voice in VOICES}
    module, _ = open_module(find_soundfont())
    band, conductor, start_s = Band(module), Conductor(1, mood, NoPhrases()), 0.0
    while start_s < SETTLE_S + REPETITIONS * LENGTH_S:
        score = conductor.next_score()
        band.play(round(start_s * SAMPLE_RATE_HZ), score, instruments)
        start_s += score.length_s
    yield band
    module.close()


def write_textures(folder: Path) -> None:
    """Recordings for the three textures: slowly wandering noise."""
    rng = np.random.default_rng(1)
    for name, rate_hz in zip(TEXTURES, RATES_HZ, strict=True):
        noise: NDArray[np.float64] = rng.standard_normal((20 * rate_hz, 2))
        soundfile.write(folder / f"{name}.flac", 0.1 * np.cumsum(noise, axis=0) / np.sqrt(len(noise)), rate_hz)


class NoPhrases:
    """Rules alone: the bench measures sound, not drawing."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:  # noqa: ARG002 - the protocol names it
        return None

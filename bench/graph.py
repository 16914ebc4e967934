"""How much faster than real time the sound path is on one core: all of it with everything on, the same after its
sources have faded to silence, its parts, the moods as they are, and the same mixer in pedalboard beside it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.measurement import Measurement
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

LENGTH_S = 60.0
"""Of each measurement; silence too lasts longer than the longest reverb, where denormal numbers would show."""
SETTLE_S = 8.0
"""Until textures have faded in, or all has faded out."""
REPEATS = 3
"""The quickest counts: what else runs on the machine only ever slows it."""
MOOD = "gymnopedie"
RATES_HZ = (48_000, 44_100, 22_050)
"""Textures come at other rates too."""


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
    sounding, silent = _whole()
    voices = max(_voices() for _ in range(REPEATS))
    layers, layers_coloured, layers_silent = _layers()
    pedalboard = _pedalboard()
    moods = {name: _mood(name) for name in list_moods()}
    unit = "× real time"
    return {
        "graph_x_realtime": Measurement(sounding, unit, limit=10.0, better="more"),
        "graph_silent_x_realtime": Measurement(
            silent, unit, limit=20.0, better="more", reference=sounding, reference_is="while it sounds"
        ),
        "voices_x_realtime": Measurement(voices, unit),
        "layers_x_realtime": Measurement(
            layers, unit, limit=10.0, better="more", reference=pedalboard, reference_is="the same mixer in pedalboard"
        ),
        "layers_with_tape_and_chorus_x_realtime": Measurement(layers_coloured, unit, limit=8.0, better="more"),
        "layers_silent_x_realtime": Measurement(
            layers_silent, unit, limit=20.0, better="more", reference=layers, reference_is="while they sound"
        ),
        **{
            f"{name}_x_realtime": Measurement(speed, unit, limit=10.0, better="more")
            for name, speed in sorted(moods.items(), key=lambda item: item[1])
        },
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


def _layers() -> tuple[float, float, float]:
    """The layers alone: every stem full of noise, then with tape and chorus too, then silent."""
    numbers = {path: float(v) for path, v in values_of(full_mood()).items() if not isinstance(v, str)}
    coloured = numbers | {f"/layer/{layer}/{name}": value for layer in LAYERS for name, value in COLOURS.items()}
    noise = _noise()
    silence = np.zeros_like(noise)
    layers = Layers()
    _speed(lambda: layers.process(noise, numbers, "D"), SETTLE_S)
    sounding = max(_speed(lambda: layers.process(noise, numbers, "D")) for _ in range(REPEATS))
    _speed(lambda: layers.process(noise, coloured, "D"), SETTLE_S)
    colours = max(_speed(lambda: layers.process(noise, coloured, "D")) for _ in range(REPEATS))
    silent = _speed(lambda: layers.process(silence, numbers, "D"))
    layers.close()
    return sounding, colours, silent


def _noise() -> NDArray[np.float32]:
    return (0.1 * np.random.default_rng(1).standard_normal((2 * len(LAYERS), STEP_FRAMES))).astype(np.float32)


def _pedalboard() -> float:
    """Ten strips (compressor, low cut, high cut, level), two reverbs and an echo; pedalboard has no vocoder."""
    pb: Any = import_module("pedalboard")  # the extra "bench"; it has no types

    strips = [pb.Pedalboard(_strip(pb)) for _ in LAYERS]
    wet = {"wet_level": 1.0, "dry_level": 0.0}
    rooms = [pb.Pedalboard([pb.Reverb(room_size=size, **wet)]) for size in (0.4, 0.9)]
    rooms.append(pb.Pedalboard([pb.Delay(0.6, 0.35, 1.0)]))
    noise = _noise().reshape(len(LAYERS), 2, STEP_FRAMES)

    def step() -> list[NDArray[np.float32]]:
        heard = [strip(sound, SAMPLE_RATE_HZ, reset=False) for strip, sound in zip(strips, noise, strict=True)]
        sent = np.sum(heard, axis=0) * np.float32(0.3)
        return [*heard, *(room(sent, SAMPLE_RATE_HZ, reset=False) for room in rooms)]

    _speed(step, SETTLE_S)
    return max(_speed(step) for _ in range(REPEATS))


def _strip(pb: Any) -> list[Any]:
    return [pb.Compressor(-24.0, 4.0), pb.Gain(-12.0), pb.HighpassFilter(60.0), pb.LowpassFilter(9000.0)]


def _mood(name: str) -> float:
    """The whole path in a mood as it is, with textures that ship, after its textures have come in."""
    mood = load_mood(name)
    studio = Studio(Conductor(1, mood, _NoPhrases()), mood, soundfont=find_soundfont(), textures=[SHIPPED_FOLDER])
    _speed(studio.render_step, SETTLE_S)
    speed = max(_speed(studio.render_step, LENGTH_S / 2) for _ in range(REPEATS))
    studio.close()
    return speed


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

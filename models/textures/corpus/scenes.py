"""Training material without end: slow scenes at 48 kHz in stereo, rendered from chance, a SoundFont and recordings.

Six styles, each of one family of timbres, because a network learns best where its material shares one:
  pads    warm pads, choir and soft strings, chords of many seconds under a long reverb
  field   recordings stretched until they stand still (after Paul Nasca's Paulstretch), layered, with weather
  tape    loops of unequal length over each other, in the manner of early ambient records, on worn tape;
          among them a felt piano at half speed
  rhodes  electric pianos, slow chords and single notes
  voices  a few singers on vowels and consonants, slow lines in one scale, in a room
  drums   a kit of falling sines and noise, in patterns with a backbeat, in a smaller room

Everything follows from (style, seed, number of the scene), the SoundFont and the folder of recordings.
Every sound here is float32 [frames x 2].
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import scipy.signal

from engine.errors import TextureError
from engine.files.audio.names import is_playable
from models.textures.audio.audio_input import read_stereo, resampled
from models.textures.corpus.drumming import groove
from models.textures.corpus.instruments import Material, Played, play, play_recorded, shift_speed
from models.textures.corpus.reverberation import RATE_HZ, Sound, felt, lowpass, reverberate, seconds, stretch, wow
from models.textures.corpus.singing import Singer, sung

STYLES: Final = ("pads", "field", "tape", "rhodes", "voices", "drums")
USUAL_STYLES: Final = STYLES[:4]
"""Those that the shipped networks know."""
SCENE_S: Final = 32.0
"""Short, so that an hour has many scenes, and what is held out of it speaks for the whole style."""
SCALES: Final = (
    (0, 2, 4, 7, 9),
    (0, 2, 4, 5, 7, 9, 11),
    (0, 2, 3, 5, 7, 9, 10),
    (0, 2, 4, 6, 7, 9, 11),
    (0, 3, 5, 7, 10),
    (0, 2, 3, 5, 7, 8, 10),
)
PASSING: Final = ("ambi_swoosh", "ambi_piano", "ambi_dark_woosh", "ambi_sauna")
"""Recordings whose point is that they pass; stretched they are noise."""
WEATHER: Final = ("wind", "vinyl_hiss", "summer-night", "boat")
HIGH_VOICE: Final = 60
"""From this MIDI pitch up a smaller throat sings."""


def render_scene(style: str, number: int, seed: int, material: Material) -> Sound:
    """One scene of `SCENE_S` seconds, peak 0.7; the same arguments give the same sound."""
    if style not in SCENES:
        raise TextureError(f"no rendered style {style!r}: choose one of {', '.join(STYLES)}")
    rng = np.random.default_rng([seed, STYLES.index(style), number])
    sound = SCENES[style](rng, material)
    rumble = scipy.signal.butter(2, 35.0, "highpass", fs=RATE_HZ, output="sos")
    sound = scipy.signal.sosfilt(rumble, sound, axis=0)
    return (0.7 * sound / max(1e-9, float(np.abs(sound).max()))).astype(np.float32)


def pads_scene(rng: np.random.Generator, material: Material) -> Sound:
    notes = slow_chords(rng, low=45, high=76, hold_s=(6.0, 13.0), velocity=(55, 90))
    programs = rng.choice([89, 91, 52, 53, 49], size=2, replace=False)
    dry = play(notes, int(programs[0]), material.soundfont, SCENE_S)
    dry += 0.5 * play(notes, int(programs[1]), material.soundfont, SCENE_S)
    return reverberate(dry, rng, decay_s=rng.uniform(4.0, 8.0), wet=0.7, lowpass_hz=5000.0)


def tape_scene(rng: np.random.Generator, material: Material) -> Sound:
    scale, root = random_scale(rng)
    total = np.zeros((int(SCENE_S * RATE_HZ), 2), np.float32)
    for _ in range(int(rng.integers(3, 6))):
        program = int(rng.choice([0, 11, 52, 48, 4]))
        loop_s = float(rng.uniform(5.0, 14.0))
        notes = [
            Played(
                float(rng.uniform(0.0, loop_s * 0.6)), float(rng.uniform(2.0, 5.0)), pitch, int(rng.integers(40, 75))
            )
            for pitch in scale_pitches(scale, root, 50, 77, rng, count=int(rng.integers(1, 4)))
        ]
        loop = play(notes, program, material.soundfont, loop_s + 6.0)
        if program == 0:  # half speed
            loop, loop_s = felt(resampled(loop, 1, 2)), 2.0 * loop_s
        total += loop_over(panned(loop, rng), loop_s, float(rng.uniform(0.0, loop_s)), int(SCENE_S * RATE_HZ))
    worn = wow(reverberate(total, rng, decay_s=rng.uniform(3.0, 6.0), wet=0.6, lowpass_hz=3000.0), rng)
    worn = lowpass(worn, 2500.0, order=1)
    worn = np.tanh(1.2 * worn / max(1e-9, float(np.abs(worn).max())))
    return (worn + 10.0 ** (-58.0 / 20.0) * rng.standard_normal(worn.shape)).astype(np.float32)


def rhodes_scene(rng: np.random.Generator, material: Material) -> Sound:
    chords = slow_chords(rng, low=43, high=69, hold_s=(2.5, 5.5), velocity=(45, 85))
    melody = slow_chords(rng, low=62, high=81, hold_s=(1.5, 4.0), velocity=(40, 75), voices=(1, 1))
    if material.keyboards and rng.random() < 0.4:
        dry = play_recorded([*chords, *melody], material.keyboards, rng, int(SCENE_S * RATE_HZ))
    else:
        dry = play([*chords, *melody], int(rng.choice([4, 4, 4, 5])), material.soundfont, SCENE_S)
    phase = 2 * np.pi * rng.uniform(3, 5) * seconds(len(dry))[:, None] + np.array([0.0, rng.uniform(0.0, np.pi)])
    tremolo = 1.0 - rng.uniform(0.0, 0.35) * (0.5 + 0.5 * np.sin(phase))
    return reverberate((dry * tremolo).astype(np.float32), rng, decay_s=2.5, wet=0.3, lowpass_hz=5000.0)


def field_scene(rng: np.random.Generator, material: Material) -> Sound:
    files = sorted(filter(is_playable, material.recordings.glob("*"))) if material.recordings else []
    tonal = [f for f in files if f.stem.startswith("ambi_") and f.stem not in PASSING]
    weather = [f for f in files if f.stem in WEATHER]
    if not tonal:
        notes = slow_chords(rng, low=36, high=64, hold_s=(14.0, 25.0), velocity=(50, 80), voices=(1, 3))
        dry = play(notes, int(rng.choice([92, 95, 88])), material.soundfont, SCENE_S)
        return reverberate(dry, rng, decay_s=9.0, wet=0.8, lowpass_hz=4000.0)
    total = np.zeros((int(SCENE_S * RATE_HZ), 2), np.float32)
    for path in rng.choice(np.array(tonal, dtype=object), size=int(rng.integers(2, 4)), replace=False):
        steps = int(rng.choice([-12, -7, -5, 0, 0, 5]))
        layer = stretch(shift_speed(read_stereo(path, RATE_HZ), 2.0 ** (steps / 12.0)), int(SCENE_S * RATE_HZ), rng)
        swell = 0.6 + 0.4 * np.sin(
            2 * np.pi * (seconds(int(SCENE_S * RATE_HZ)) / rng.uniform(15.0, 40.0) + rng.random())
        )
        total += (layer / max(1e-9, float(layer.std())) * swell[:, None] * rng.uniform(0.5, 1.0)).astype(np.float32)
    if weather and rng.random() < 0.5:
        noise = read_stereo(Path(rng.choice(np.array(weather, dtype=object))), RATE_HZ)
        noise = np.resize(noise, (int(SCENE_S * RATE_HZ), 2))
        total += (0.15 * noise / max(1e-9, float(noise.std()))).astype(np.float32)
    return reverberate(lowpass(total, 1800.0, order=1), rng, decay_s=3.0, wet=0.3, lowpass_hz=3500.0)


def voices_scene(rng: np.random.Generator, material: Material) -> Sound:
    notes = slow_chords(rng, low=45, high=74, hold_s=(2.0, 6.0), velocity=(60, 100), voices=(1, 3))
    total = np.zeros((int(SCENE_S * RATE_HZ), 2), np.float32)
    low, high = ([n for n in notes if (n.pitch < HIGH_VOICE) == is_low] for is_low in (True, False))
    for own, size in ((low, rng.uniform(0.95, 1.05)), (high, rng.uniform(0.75, 0.88))):
        for _ in range(int(rng.integers(1, 3))):
            singing = sung(own, Singer.by_chance(rng, size), rng, len(total))
            both = (singing[:, None] * np.ones(2)).astype(np.float32)
            total += panned(both, rng)
    return reverberate(total, rng, decay_s=rng.uniform(1.2, 4.0), wet=rng.uniform(0.2, 0.45), lowpass_hz=6000.0)


def drums_scene(rng: np.random.Generator, material: Material) -> Sound:
    dry = (groove(rng, int(SCENE_S * RATE_HZ))[:, None] * np.ones(2)).astype(np.float32)
    return reverberate(dry, rng, decay_s=rng.uniform(0.3, 1.2), wet=rng.uniform(0.1, 0.3), lowpass_hz=9000.0)


SCENES: Final[dict[str, Callable[[np.random.Generator, Material], Sound]]] = {
    "pads": pads_scene,
    "field": field_scene,
    "tape": tape_scene,
    "rhodes": rhodes_scene,
    "voices": voices_scene,
    "drums": drums_scene,
}


def panned(sound: Sound, rng: np.random.Generator) -> Sound:
    """Sound somewhere between left and right, of equal power wherever it is."""
    angle = float(rng.uniform(0.2, 0.8)) * np.pi / 2
    return (sound * np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)


def loop_over(loop: Sound, period_s: float, start_s: float, frames: int) -> Sound:
    """A loop with its tail, begun again every `period_s`, over `frames`."""
    total = np.zeros((frames + len(loop), 2), np.float32)
    for start in np.arange(start_s * RATE_HZ, frames, period_s * RATE_HZ).astype(int):
        total[start : start + len(loop)] += loop
    return total[:frames]


def random_scale(rng: np.random.Generator) -> tuple[tuple[int, ...], int]:
    return SCALES[int(rng.integers(len(SCALES)))], int(rng.integers(12))


def scale_pitches(
    scale: tuple[int, ...], root: int, low: int, high: int, rng: np.random.Generator, count: int
) -> list[int]:
    """`count` different pitches of the scale between `low` and `high`, no two a semitone apart."""
    chosen: list[int] = []
    for pitch in rng.permutation([p for p in range(low, high + 1) if (p - root) % 12 in scale]).tolist():
        if len(chosen) < count and all(abs(pitch - other) > 1 for other in chosen):
            chosen.append(pitch)
    return chosen


def slow_chords(
    rng: np.random.Generator,
    low: int,
    high: int,
    hold_s: tuple[float, float],
    velocity: tuple[int, int],
    voices: tuple[int, int] = (2, 4),
) -> list[Played]:
    """Chords of one scale, each held and overlapping the next, over a whole scene."""
    scale, root = random_scale(rng)
    notes, onset_s = [], 0.0
    while onset_s < SCENE_S:
        held_s = float(rng.uniform(*hold_s))
        count = int(rng.integers(voices[0], voices[1] + 1))
        for pitch in scale_pitches(scale, root, low, high, rng, count):
            late_s = float(rng.uniform(0.0, 0.1 * held_s))
            notes.append(Played(onset_s + late_s, held_s, pitch, int(rng.integers(*velocity))))
        onset_s += held_s * float(rng.uniform(0.7, 1.0))
    return notes

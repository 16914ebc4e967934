"""Training material without end, for textures: slow scenes rendered from chance, a SoundFont and a few recordings.

Four styles, each of one family of timbres, because a WaveNet learns best where its material shares one:
  pads    warm pads, choir and soft strings, chords of many seconds under a long reverb
  tape    loops of unequal length over each other, in the manner of early ambient records, on worn tape;
          among them a felt piano at half speed
  rhodes  electric pianos, slow chords and single notes
  field   recordings stretched until they stand still (after Paul Nasca's Paulstretch), layered, with weather

Everything follows from (style, seed, number of the scene), the SoundFont and the folder of recordings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine.errors import SoundFontError, TextureError
from engine.files.audio.names import is_sound
from models.textures.audio.audio_input import read_mono
from models.textures.audio.mu_law import RATE_HZ

Sound = NDArray[np.float32]
STYLES: Final = ("pads", "field", "tape", "rhodes")
SCENE_S: Final = 32.0
"""Short, so that an hour has many scenes, and what is held out of it speaks for the whole style."""
SYNTH_RATE_HZ: Final = 2 * RATE_HZ
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
DEFAULT_SOUNDFONTS: Final = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
)


@dataclass(frozen=True)
class Played:
    """A note for the SoundFont: times in seconds, MIDI pitch and velocity."""

    onset_s: float
    duration_s: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Material:
    """What scenes are made from. `recordings`: a folder of audio; `keyboards`: a folder of single notes, or None."""

    soundfont: Path
    recordings: Path | None = None
    keyboards: Path | None = None


def find_soundfont(asked: Path | None = None) -> Path:
    """The SoundFont to render with; raises `SoundFontError` when there is none."""
    for path in (asked,) if asked else DEFAULT_SOUNDFONTS:
        if path.is_file():
            return path
    raise SoundFontError(
        f"no SoundFont at {asked or ', '.join(map(str, DEFAULT_SOUNDFONTS))}; "
        "install Debian's fluid-soundfont-gm or name one with --soundfont"
    )


def render_scene(style: str, number: int, seed: int, material: Material) -> Sound:
    """One scene of `SCENE_S` seconds, mono at 16 kHz, peak 0.7; the same arguments give the same sound."""
    if style not in SCENES:
        raise TextureError(f"no rendered style {style!r}: choose one of {', '.join(STYLES)}")
    rng = np.random.default_rng([seed, STYLES.index(style), number])
    sound = SCENES[style](rng, material)
    sound = scipy.signal.sosfilt(scipy.signal.butter(2, 35.0, "highpass", fs=RATE_HZ, output="sos"), sound)
    return (0.7 * sound / max(1e-9, float(np.abs(sound).max()))).astype(np.float32)


def pads_scene(rng: np.random.Generator, material: Material) -> Sound:
    notes = slow_chords(rng, low=45, high=76, hold_s=(6.0, 13.0), velocity=(55, 90))
    programs = rng.choice([89, 91, 52, 53, 49], size=2, replace=False)
    dry = play(notes, int(programs[0]), material.soundfont) + 0.5 * play(notes, int(programs[1]), material.soundfont)
    return reverberate(dry, rng, decay_s=rng.uniform(4.0, 8.0), wet=0.7, lowpass_hz=5000.0)


def tape_scene(rng: np.random.Generator, material: Material) -> Sound:
    scale, root = random_scale(rng)
    total = np.zeros(int(SCENE_S * RATE_HZ), np.float32)
    for _ in range(int(rng.integers(3, 6))):
        program = int(rng.choice([0, 11, 52, 48, 4]))
        half_speed = program == 0
        loop_s = float(rng.uniform(5.0, 14.0))
        notes = [
            Played(
                float(rng.uniform(0.0, loop_s * 0.6)), float(rng.uniform(2.0, 5.0)), pitch, int(rng.integers(40, 75))
            )
            for pitch in scale_pitches(scale, root, 50, 77, rng, count=int(rng.integers(1, 4)))
        ]
        loop = play(notes, program, material.soundfont, length_s=loop_s + 6.0)
        if half_speed:
            loop = felt(scipy.signal.resample_poly(loop, 2, 1).astype(np.float32))
        total += loop_over(loop, loop_s * (2.0 if half_speed else 1.0), float(rng.uniform(0.0, loop_s)), len(total))
    worn = wow(reverberate(total, rng, decay_s=rng.uniform(3.0, 6.0), wet=0.6, lowpass_hz=3000.0), rng)
    worn = scipy.signal.sosfilt(scipy.signal.butter(1, 2500.0, fs=RATE_HZ, output="sos"), worn)
    worn = np.tanh(1.2 * worn / max(1e-9, float(np.abs(worn).max())))
    return (worn + 10.0 ** (-58.0 / 20.0) * rng.standard_normal(len(worn))).astype(np.float32)


def rhodes_scene(rng: np.random.Generator, material: Material) -> Sound:
    chords = slow_chords(rng, low=43, high=69, hold_s=(2.5, 5.5), velocity=(45, 85))
    melody = slow_chords(rng, low=62, high=81, hold_s=(1.5, 4.0), velocity=(40, 75), voices=(1, 1))
    if material.keyboards and rng.random() < 0.4:
        dry = play_recorded([*chords, *melody], material.keyboards, rng)
    else:
        dry = play([*chords, *melody], int(rng.choice([4, 4, 4, 5])), material.soundfont)
    tremolo = 1.0 - rng.uniform(0.0, 0.35) * (0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(3, 5) * seconds(len(dry))))
    return reverberate((dry * tremolo).astype(np.float32), rng, decay_s=2.5, wet=0.3, lowpass_hz=5000.0)


def field_scene(rng: np.random.Generator, material: Material) -> Sound:
    files = sorted(filter(is_sound, material.recordings.glob("*"))) if material.recordings else []
    tonal = [f for f in files if f.stem.startswith("ambi_") and f.stem not in PASSING]
    weather = [f for f in files if f.stem in ("wind", "vinyl_hiss", "summer-night", "boat")]
    frames = int(SCENE_S * RATE_HZ)
    if not tonal:
        notes = slow_chords(rng, low=36, high=64, hold_s=(14.0, 25.0), velocity=(50, 80), voices=(1, 3))
        dry = play(notes, int(rng.choice([92, 95, 88])), material.soundfont)
        return reverberate(dry, rng, decay_s=9.0, wet=0.8, lowpass_hz=4000.0)
    total = np.zeros(frames, np.float32)
    for path in rng.choice(np.array(tonal, dtype=object), size=int(rng.integers(2, 4)), replace=False):
        steps = int(rng.choice([-12, -7, -5, 0, 0, 5]))
        layer = stretch(shift_speed(read_mono(path, RATE_HZ), 2.0 ** (steps / 12.0)), frames, rng)
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * (seconds(frames) / rng.uniform(15.0, 40.0) + rng.random()))
        total += (layer / max(1e-9, float(layer.std())) * swell * rng.uniform(0.5, 1.0)).astype(np.float32)
    if weather and rng.random() < 0.5:
        noise = np.resize(read_mono(Path(rng.choice(np.array(weather, dtype=object))), RATE_HZ), frames)
        total += (0.15 * noise / max(1e-9, float(noise.std()))).astype(np.float32)
    dark = scipy.signal.sosfilt(scipy.signal.butter(1, 1800.0, fs=RATE_HZ, output="sos"), total).astype(np.float32)
    return reverberate(dark, rng, decay_s=3.0, wet=0.3, lowpass_hz=3500.0)


SCENES: Final[dict[str, Callable[[np.random.Generator, Material], Sound]]] = {
    "pads": pads_scene,
    "field": field_scene,
    "tape": tape_scene,
    "rhodes": rhodes_scene,
}


def seconds(frames: int) -> NDArray[np.float64]:
    return np.arange(frames) / RATE_HZ


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


def play(notes: list[Played], program: int, soundfont: Path, length_s: float = SCENE_S) -> Sound:
    """Notes on one General MIDI program (from 0) of a SoundFont, mono at 16 kHz."""
    import fluidsynth  # loads a system library: only for who renders

    synth = fluidsynth.Synth(gain=0.4, samplerate=float(SYNTH_RATE_HZ))
    for effect in ("reverb", "chorus"):
        synth.setting(f"synth.{effect}.active", 0)
    font = synth.sfload(str(soundfont))
    if font < 0:
        raise SoundFontError(f"{soundfont}: the SoundFont player cannot read it")
    synth.program_select(0, font, 0, program)
    events = sorted(
        [(n.onset_s, 1, n.pitch, n.velocity) for n in notes]
        + [(n.onset_s + n.duration_s, 0, n.pitch, 0) for n in notes]
    )
    rendered, now = [], 0
    for time_s, starts, pitch, velocity in [*events, (length_s, 2, 0, 0)]:
        frame = min(int(time_s * SYNTH_RATE_HZ), int(length_s * SYNTH_RATE_HZ))
        if frame > now:
            rendered.append(synth.get_samples(frame - now).reshape(-1, 2).mean(axis=1))
            now = frame
        if starts == 1:
            synth.noteon(0, pitch, velocity)
        elif starts == 0:
            synth.noteoff(0, pitch)
    synth.delete()
    return scipy.signal.resample_poly(np.concatenate(rendered) / 32768.0, 1, 2).astype(np.float32)


def play_recorded(notes: list[Played], folder: Path, rng: np.random.Generator) -> Sound:
    """Notes on one recorded keyboard: the nearest recorded note, respeeded."""
    keyboards = sorted({f.parent for f in folder.rglob("*") if is_sound(f)})
    if not keyboards:
        raise TextureError(f"{folder}: no recordings of single notes in it")
    keyboard = keyboards[int(rng.integers(len(keyboards)))]
    recorded = {p: f for f in sorted(filter(is_sound, keyboard.glob("*"))) if (p := recorded_pitch(f.stem)) is not None}
    if not recorded:
        raise TextureError(
            f"{keyboard}: recordings must be named by MIDI number or note, as in 060-C4.flac or eb3.flac"
        )
    total = np.zeros(int(SCENE_S * RATE_HZ), np.float32)
    for note in notes:
        nearest = min(recorded, key=lambda pitch: abs(pitch - note.pitch))
        sound = shift_speed(read_mono(recorded[nearest], RATE_HZ), 2.0 ** ((note.pitch - nearest) / 12.0))
        frames = min(len(sound), int((note.duration_s + 0.4) * RATE_HZ))
        sound = sound[:frames] * np.minimum(1.0, (frames - np.arange(frames)) / (0.4 * RATE_HZ))
        start = int(note.onset_s * RATE_HZ)
        piece = sound[: max(0, len(total) - start)]
        total[start : start + len(piece)] += (note.velocity / 127.0 * piece).astype(np.float32)
    return total


def recorded_pitch(name: str) -> int | None:
    """MIDI pitch that a recording's name begins with, as a number or as a note (c4 is 60); None for releases."""
    if "release" in name:
        return None
    if number := re.match(r"\d+", name):
        return int(number.group())
    if note := re.match(r"([a-g])([#b]?)(-?\d)", name.lower()):
        letter, accidental, octave = note.groups()
        steps = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}[letter]
        return steps + {"": 0, "#": 1, "b": -1}[accidental] + 12 * (int(octave) + 1)
    return None


def reverberate(dry: Sound, rng: np.random.Generator, decay_s: float, wet: float, lowpass_hz: float) -> Sound:
    """Convolution with decaying noise (60 dB in `decay_s`), darker as it decays; `wet` is its share."""
    t = seconds(int(decay_s * RATE_HZ))
    tail = rng.standard_normal(len(t)) * 10.0 ** (-3.0 * t / decay_s)
    tail = scipy.signal.sosfilt(scipy.signal.butter(2, lowpass_hz, fs=RATE_HZ, output="sos"), tail)
    tail *= np.minimum(1.0, t / 0.04)
    room = scipy.signal.oaconvolve(dry, tail / np.sqrt(np.sum(tail**2)))[: len(dry)]
    return ((1.0 - wet) * dry + wet * room).astype(np.float32)


def stretch(sound: Sound, frames: int, rng: np.random.Generator, window_frames: int = 8192) -> Sound:
    """Sound drawn out to `frames` with its spectrum kept and its phases left to chance."""
    if len(sound) < window_frames:
        sound = np.resize(sound, window_frames)
    hop = window_frames // 2
    window = np.hanning(window_frames)
    total = np.zeros(frames + window_frames)
    starts = np.linspace(0, len(sound) - window_frames, frames // hop + 1).astype(int)
    for number, start in enumerate(starts):
        spectrum = np.abs(np.fft.rfft(sound[start : start + window_frames] * window))
        grain = np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(len(spectrum))))
        total[number * hop : number * hop + window_frames] += grain * window
    return total[:frames].astype(np.float32)


def shift_speed(sound: Sound, ratio: float) -> Sound:
    """Sound played `ratio` times as fast, and so as high."""
    places = np.arange(0, len(sound) - 1, ratio)
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def wow(sound: Sound, rng: np.random.Generator) -> Sound:
    """The unsteady speed of an old tape machine: slow wow and faster flutter, within about 0.4 %."""
    t = seconds(len(sound))
    delay_s = sum(
        depth * np.sin(2 * np.pi * (rate_hz * t + rng.random()))
        for rate_hz, depth in ((rng.uniform(0.3, 0.8), 0.0008), (rng.uniform(4.0, 7.0), 0.00003))
    )
    return np.interp(t + delay_s, t, sound).astype(np.float32)


def felt(sound: Sound) -> Sound:
    """The muffled top of a piano with felt before its strings."""
    return scipy.signal.sosfilt(scipy.signal.butter(2, 1400.0, fs=RATE_HZ, output="sos"), sound).astype(np.float32)


def loop_over(loop: Sound, period_s: float, start_s: float, frames: int) -> Sound:
    """A loop with its tail, begun again every `period_s`, over `frames`."""
    total = np.zeros(frames + len(loop), np.float32)
    for start in np.arange(start_s * RATE_HZ, frames, period_s * RATE_HZ).astype(int):
        total[start : start + len(loop)] += loop
    return total[:frames]

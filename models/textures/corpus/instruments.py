"""What plays a scene's notes: a SoundFont, or recordings of single notes. Every sound is float32 [frames x 2]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.errors import SoundFontError, TextureError
from engine.files.audio.names import is_playable
from models.textures.audio.audio_input import read_mono
from models.textures.corpus.reverberation import RATE_HZ, Sound

DEFAULT_SOUNDFONTS: Final = (
    Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"),
    Path("/usr/share/sounds/sf3/FluidR3Mono_GM.sf3"),
    Path("/usr/share/sounds/sf2/default-GM.sf2"),
)
RELEASE_S: Final = 0.4


@dataclass(frozen=True)
class Played:
    """A note: times in seconds, MIDI pitch and velocity."""

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


def play(notes: list[Played], program: int, soundfont: Path, length_s: float) -> Sound:
    """Notes on one General MIDI program (from 0) of a SoundFont."""
    import fluidsynth  # loads a system library: only for who renders

    synth = fluidsynth.Synth(gain=0.4, samplerate=float(RATE_HZ))
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
        frame = min(int(time_s * RATE_HZ), int(length_s * RATE_HZ))
        if frame > now:
            rendered.append(synth.get_samples(frame - now).reshape(-1, 2).astype(np.float32))
            now = frame
        if starts == 1:
            synth.noteon(0, pitch, velocity)
        elif starts == 0:
            synth.noteoff(0, pitch)
    synth.delete()
    return np.asarray(np.concatenate(rendered) / 32768.0, dtype=np.float32)


def play_recorded(notes: list[Played], folder: Path, rng: np.random.Generator, frames: int) -> Sound:
    """Notes on one recorded keyboard: the nearest recorded note, respeeded, the same on both sides."""
    keyboards = sorted({f.parent for f in folder.rglob("*") if is_playable(f)})
    if not keyboards:
        raise TextureError(f"{folder}: no recordings of single notes in it")
    keyboard = keyboards[int(rng.integers(len(keyboards)))]
    files = sorted(filter(is_playable, keyboard.glob("*")))
    recorded = {pitch: file for file in files if (pitch := recorded_pitch(file.stem)) is not None}
    if not recorded:
        raise TextureError(
            f"{keyboard}: recordings must be named by MIDI number or note, as in 060-C4.flac or eb3.flac"
        )
    total = np.zeros((frames, 2), np.float32)
    for note in notes:
        nearest = min(recorded, key=lambda pitch: abs(pitch - note.pitch))
        sound = shift_speed(read_mono(recorded[nearest], RATE_HZ)[:, None], 2.0 ** ((note.pitch - nearest) / 12.0))
        length = min(len(sound), int((note.duration_s + RELEASE_S) * RATE_HZ))
        fade = np.minimum(1.0, (length - np.arange(length)) / (RELEASE_S * RATE_HZ))[:, None]
        start = int(note.onset_s * RATE_HZ)
        piece = (sound[:length] * fade)[: max(0, frames - start)]
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


def shift_speed(sound: Sound, ratio: float) -> Sound:
    """Sound played `ratio` times as fast, and so as high."""
    places = np.arange(0, len(sound) - 1, ratio)
    return np.stack([np.interp(places, np.arange(len(sound)), side) for side in sound.T], axis=1).astype(np.float32)

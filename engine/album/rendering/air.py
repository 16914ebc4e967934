"""A record's textures made ready: what was done to them by hand, and their copies on the stems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.album.plan.plan import PlannedClip, PlannedTrack
from engine.album.plan.sheet import TextureOperations
from engine.album.sound_files.audio_files import read_audio
from engine.errors import RecordError
from engine.files.audio.audio_file import AudioFile
from engine.files.audio.downmix import to_mono
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.textures import analysis
from engine.sound.textures import operations as ops

LOUDNESS_RMS: Final = 0.1
"""Every texture is brought to this level (-20 dBFS), so that levels in a sheet mean the same for all."""
HIGHEST_PEAK: Final = 0.7
_SILENT_RMS: Final = 1e-5

Sound = NDArray[np.float32]


def read_takes(path: Path) -> tuple[Sound, int]:
    """A drawn texture, whose channels are its takes, as [takes x frames], and its rate. Raises `RecordError`."""
    sound, rate_hz = read_audio(path)
    return np.ascontiguousarray(sound.T), rate_hz


def read_given(path: Path) -> tuple[Sound, int]:
    """A texture's file that somebody gave, all channels mixed to one take [1 x frames], and its rate.

    Raises `TextureError`.
    """
    with AudioFile(path) as file:
        return to_mono(file.read(file.frames), file.container)[None], file.samplerate


def treated(sound: Sound, rate_hz: int, operations: TextureOperations, scale: tuple[int, ...], name: str) -> Sound:
    """Mono sound [frames] with the operations done in their order, at 48 kHz and `LOUDNESS_RMS`.

    `scale`: pitch classes of the track. Level is that of what dropping dissonance leaves, before noise is turned down.
    """
    one = analysis.checked(sound, rate_hz, f"texture {name}")
    one = one - np.float32(one.mean())
    if operations.into_scale:
        one = ops.transpose(one, analysis.best_transposition(analysis.chroma(one, rate_hz), scale))
    if drop := operations.drop_dissonant:
        stretches = analysis.dissonant_stretches(analysis.chroma(one, rate_hz), rate_hz, scale, drop.tolerance)
        shorter = ops.cut(one, stretches, rate_hz) if drop.cut else one
        enough = drop.cut and len(shorter) >= max(len(one) // 4, analysis.SHORTEST_S * rate_hz)
        one = shorter if enough else ops.duck(one, stretches, rate_hz, drop.gain_db)
    rms = float(np.sqrt(np.mean(one.astype(np.float64) ** 2)))
    if rms < _SILENT_RMS:
        raise RecordError(f"texture {name}: is silent; give another, or another seed")
    if noisy := operations.lower_noisy:
        one = ops.lower_noisy(one, rate_hz, noisy.threshold, noisy.gain_db)
    one = np.asarray(soxr.resample(one, rate_hz, SAMPLE_RATE_HZ, "VHQ"), dtype=np.float32)
    if operations.loop:
        one = ops.seamless_loop(one, SAMPLE_RATE_HZ, operations.loop.fade_s)
    return one * np.float32(min(LOUDNESS_RMS / rms, HIGHEST_PEAK / max(float(np.abs(one).max()), 1e-9)))


def copied(sound: Sound, how: str) -> Sound:
    """The copy of a texture that a clip asks for: untouched, its halves swapped and reversed, or an octave up."""
    if how == "halves_swapped":
        return np.ascontiguousarray(ops.stereo_pair(sound)[:, 1])
    return ops.octave_up(sound) if how == "octave_up" else sound


class ClipPlayer:
    """One clip, step by step. The texture goes round; at the clip's ends it fades along a quarter of a sine."""

    def __init__(self, planned: PlannedClip, sound: Sound) -> None:
        clip = planned.clip
        self.stem = clip.stem
        self._sound = sound
        self._start, self._end = (round(t * SAMPLE_RATE_HZ) for t in (planned.start_s, planned.end_s))
        self._offset = round(clip.offset_s * SAMPLE_RATE_HZ)
        self._fade_in, self._fade_out = (round(t * SAMPLE_RATE_HZ) for t in (clip.fade_in_s, clip.fade_out_s))

    def add_to(self, out: NDArray[np.float32], frame: int) -> None:
        """Add what sounds from `frame` on to `out` [2, frames]."""
        first, last = max(frame, self._start), min(frame + out.shape[1], self._end)
        if first >= last:
            return
        places = np.arange(first, last)
        piece = self._sound.take(places - self._start + self._offset, mode="wrap")
        if first < self._start + self._fade_in or last > self._end - self._fade_out:
            piece = piece * self._gain(places)
        out[:, first - frame : last - frame] += piece

    def _gain(self, places: NDArray[np.int64]) -> NDArray[np.float32]:
        rising = np.minimum((places - self._start) / max(self._fade_in, 1), 1.0)
        falling = np.minimum((self._end - places) / max(self._fade_out, 1), 1.0)
        return np.asarray(np.sin(np.pi / 2 * rising) * np.sin(np.pi / 2 * falling), dtype=np.float32)


def clip_players(track: PlannedTrack, sounds: Mapping[str, Sound]) -> list[ClipPlayer]:
    """Players for all clips of a track; `sounds` are [takes x frames] by name. Equal copies are made once."""
    made: dict[tuple[str, int, str], Sound] = {}
    players = []
    for planned in track.clips:
        clip = planned.clip
        key = (clip.texture, clip.take, clip.copy_as)
        if key not in made:
            made[key] = copied(sounds[clip.texture][clip.take - 1], clip.copy_as)
        players.append(ClipPlayer(planned, made[key]))
    return players

"""The hold loop: what the room plays when no reel is there. Writes it, checks it, and makes the first one.

A hold loop is a stereo WAV of 32-bit floats at the reels' rate that can be played round and round: its end runs
into its beginning. Its length is a whole number of Pd's blocks, so that the room can restart it on a block's edge.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import ReelError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import HOLD_S

Stereo = NDArray[np.float32]

PD_BLOCK_FRAMES: Final = 64
SHORTEST_S: Final = 1.0
CROSSFADE_S: Final = 2.0
QUIETEST_DB: Final = -60.0
LOUDEST_PEAK: Final = 0.95

FIRST_LOOP_LUFS: Final = -30.0
PIECE_FRAMES: Final = 48_000


def write_hold_loop(path: Path, audio: Stereo) -> None:
    """Turn `audio`, float32[frames, 2] at 48 kHz, into a seamless loop and write it to `path` in one step.

    The last two seconds (or the last third of something shorter) are crossed into the beginning, so the loop is
    that much shorter than `audio`; what is beyond 24 s is left out. Raises ReelError if the result cannot serve.
    """
    if audio.ndim != 2 or audio.shape[1] != 2:
        raise ReelError(f"hold loop {path}: expected frames of 2 channels, got an array of shape {audio.shape}")
    loop = seamless(audio)
    _check_audio(path, loop, SAMPLE_RATE_HZ)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.wav")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(temporary, loop, SAMPLE_RATE_HZ, subtype="FLOAT")
        temporary.replace(path)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ReelError(f"hold loop {path} cannot be written: {error}; is the folder writable and not full?") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_hold_loop(path: Path, longest_s: float = HOLD_S) -> Stereo:
    """Decode the loop at `path` and return it, float32[frames, 2]; ReelError says why it cannot serve, if so."""
    try:
        with soundfile.SoundFile(path) as file:
            rate_hz = int(file.samplerate)
            # One frame too many is enough to refuse it; a damaged header may claim billions, or a thousand channels.
            most_frames = round(longest_s * SAMPLE_RATE_HZ)
            audio = file.read((most_frames + 1) * 2 // file.channels, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise ReelError(f"hold loop {path} cannot be read: {error}; delete it, a new one will be made") from error
    _check_audio(path, audio, rate_hz, longest_s)
    return np.asarray(audio, dtype=np.float32)


def seamless(audio: Stereo) -> Stereo:
    """`audio` with its end crossed into its beginning; float32[frames, 2] in, the same but shorter out.

    The two are weighted so that their sum keeps its power however alike they are: what is the same in both keeps
    its amplitude, what is foreign keeps its energy.
    """
    longest = round((HOLD_S + CROSSFADE_S) * SAMPLE_RATE_HZ)
    audio = audio[:longest]
    fade_frames = min(round(CROSSFADE_S * SAMPLE_RATE_HZ), len(audio) // 3)
    loop_frames = (len(audio) - fade_frames) // PD_BLOCK_FRAMES * PD_BLOCK_FRAMES
    loop = audio[:loop_frames].copy()
    beginning, end = audio[:fade_frames], audio[loop_frames : loop_frames + fade_frames]
    angle = np.linspace(0.0, np.pi / 2, fade_frames, dtype=np.float64)[:, None]
    alike = _likeness(beginning, end)
    power = 1.0 + 2.0 * alike * np.sin(angle) * np.cos(angle)
    loop[:fade_frames] = (np.sin(angle) * beginning + np.cos(angle) * end) / np.sqrt(power)
    return loop


def make_first_hold_loop(length_s: float = HOLD_S) -> Stereo:
    """The loop a fresh machine holds with: D, A and F sharp as slowly beating sines under a few soft bells.

    Returns float32[frames, 2], two seconds more than that, at about -30 LUFS, periodic in it: `write_hold_loop` makes a
    loop of that length of it. A shorter one beats faster, and its bells lie closer.
    """
    frames, overlap = round(length_s * SAMPLE_RATE_HZ), round(CROSSFADE_S * SAMPLE_RATE_HZ)
    audio = np.zeros((frames + overlap, 2), np.float32)
    loop = audio[:frames]
    for first in range(0, frames, PIECE_FRAMES):
        _add_pad(loop[first : first + PIECE_FRAMES], first, frames)
    _add_bells(loop)
    # Between 150 Hz and 1 kHz K-weighting changes next to nothing, so mean square is loudness (ITU-R BS.1770-4).
    loudness = -0.691 + 10.0 * np.log10(_energy(loop) / frames)
    loop *= np.float32(10.0 ** ((FIRST_LOOP_LUFS - loudness) / 20.0))
    audio[frames:] = loop[:overlap]
    return audio


def _add_pad(piece: Stereo, first: int, frames: int) -> None:
    """Sines in pairs, one a little to each side: every frequency fits the loop, `frames` long, a whole number of times.

    The piece begins at frame `first`; made whole, it would take eight times its memory for a moment.
    """
    cycle = 2.0 * np.pi * np.arange(first, first + len(piece)) / frames
    #        pitch Hz, level, beats in the loop, swells in the loop, where in the swell it starts
    for pitch_hz, level, beats, swells, start in (
        (73.42, 0.55, 2, 1, 0.0),
        (110.00, 0.50, 3, 1, 2.1),
        (146.83, 0.60, 4, 1, 4.0),
        (220.00, 0.42, 5, 2, 0.9),
        (277.18, 0.10, 5, 1, 5.2),
        (293.66, 0.24, 7, 2, 3.3),
        (369.99, 0.22, 6, 1, 1.4),
        (440.00, 0.08, 8, 3, 4.6),
        (587.33, 0.03, 9, 2, 0.3),
    ):
        turns = round(pitch_hz * frames / SAMPLE_RATE_HZ)
        swell = 0.55 + 0.45 * np.cos(swells * cycle + start)
        low, high = np.sin(turns * cycle + start), np.sin((turns + beats) * cycle - start)
        piece[:, 0] += level * swell * (0.65 * low + 0.35 * high)
        piece[:, 1] += level * swell * (0.35 * low + 0.65 * high)


def _add_bells(loop: Stereo) -> None:
    """Five distant strokes; what rings on beyond the loop's end goes on at its beginning."""
    time_s = np.arange(round(9.0 * SAMPLE_RATE_HZ), dtype=np.float32) / np.float32(SAMPLE_RATE_HZ)
    attack = 1.0 - np.exp(-time_s / 0.03)
    for onset_s, pitch_hz, level, side in (
        (1.5, 587.33, 0.15, 0.35),
        (6.0, 739.99, 0.11, 0.62),
        (11.25, 440.00, 0.16, 0.45),
        (15.0, 880.00, 0.07, 0.70),
        (19.5, 659.26, 0.10, 0.30),
    ):
        stroke = np.zeros_like(time_s)
        for ratio, share, decay_s in ((0.5, 0.35, 2.6), (1.0, 1.0, 2.0), (2.0, 0.22, 1.1), (3.01, 0.06, 0.5)):
            stroke += share * np.sin(2.0 * np.pi * ratio * pitch_hz * time_s) * np.exp(-time_s / decay_s)
        stroke *= level * attack * (1.0 - time_s / time_s[-1])
        onset = round(onset_s / HOLD_S * len(loop))
        beyond = max(0, onset + len(stroke) - len(loop))
        for channel, gain in enumerate(np.sqrt([1.0 - side, side]).astype(np.float32)):
            loop[onset : onset + len(stroke), channel] += gain * stroke[: len(stroke) - beyond]
            loop[:beyond, channel] += gain * stroke[len(stroke) - beyond :]


def _energy(audio: Stereo) -> float:
    """The sum of all squares, piece by piece."""
    pieces = (audio[first : first + PIECE_FRAMES] for first in range(0, len(audio), PIECE_FRAMES))
    return sum(float(np.sum(np.square(piece, dtype=np.float64))) for piece in pieces)


def _likeness(one: Stereo, other: Stereo) -> float:
    """How alike two stretches are, 0 (foreign, or opposed) to 1 (the same)."""
    scale = float(np.sqrt(np.sum(np.square(one, dtype=np.float64)) * np.sum(np.square(other, dtype=np.float64))))
    return max(0.0, min(1.0, float(np.sum(one * other, dtype=np.float64)) / scale)) if scale > 0.0 else 0.0


def _check_audio(path: Path, audio: Stereo, rate_hz: int, longest_s: float = HOLD_S) -> None:
    """Raise ReelError unless `audio`, float32[frames, channels], can be played as a hold loop."""
    frames, channels = audio.shape
    wrong = ""
    if rate_hz != SAMPLE_RATE_HZ or channels != 2:
        wrong = f"expected 2 channels at {SAMPLE_RATE_HZ} Hz, found {channels} at {rate_hz} Hz"
    elif not SHORTEST_S <= frames / SAMPLE_RATE_HZ <= longest_s or frames % PD_BLOCK_FRAMES:
        wrong = (
            f"expected {SHORTEST_S:.0f} to {longest_s:.0f} s in whole blocks of {PD_BLOCK_FRAMES} frames, "
            f"found {frames} frames"
        )
    elif not np.isfinite(audio).all():
        wrong = f"{np.count_nonzero(~np.isfinite(audio))} values are not finite numbers"
    elif (level_db := 10.0 * np.log10(_energy(audio) / audio.size + 1e-30)) < QUIETEST_DB:
        wrong = f"it is silent ({level_db:.0f} dB; expected {QUIETEST_DB:.0f} dB or more)"
    elif (peak := float(max(audio.max(), -audio.min()))) > LOUDEST_PEAK:
        wrong = f"it is too loud (peak {peak:.2f}; expected at most {LOUDEST_PEAK})"
    elif _clicks_at_seam(audio):
        wrong = "its end does not run into its beginning, so it would click"
    if wrong:
        raise ReelError(f"hold loop {path}: {wrong}; delete the file and a new one will be made")


def _clicks_at_seam(audio: Stereo) -> bool:
    """Whether the step from the last frame to the first is larger than any step inside."""
    steps = np.diff(audio, axis=0)
    largest_step = max(steps.max(), -steps.min())
    return bool(np.abs(audio[0] - audio[-1]).max() > 1.5 * largest_step + 1e-4)

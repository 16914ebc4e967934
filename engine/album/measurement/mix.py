"""Who occupies which part of the spectrum, who hides whom for how long, and what is left of it all in mono."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.album.sound_files.mastering import SILENT_LUFS, integrated_lufs

BANDS_HZ: Final = tuple(float(f"{62.5 * 2 ** (third / 3):.4g}") for third in range(24))
"""Centres of third octaves, 63 Hz to 12.7 kHz."""
FRAME_S: Final = 0.5
SOUNDING_DB: Final = -55.0
"""A stem sounds where its level reaches this, in dBFS of a frame."""
HIDDEN_DB: Final = 10.0
"""A band is hidden where all other stems together are so much stronger in it."""
OWN_BANDS: Final = 3
"""A stem is hidden where its strongest bands of that moment all are."""
ENTERING_S: Final = 6.0
"""How long a listener has to hear that a voice has entered."""
DRY: Final = ("near", "far", "echo")
"""Returns: what they hide, and what hides them, is the same voices ringing on, so they are not asked."""

Bands = NDArray[np.float64]


@dataclass(frozen=True)
class StemReport:
    """`occupancy` [bands] is its share of all energy in each; `hidden` the share of its time in which it is hidden."""

    name: str
    occupancy: tuple[float, ...]
    sounding_s: float
    hidden: float
    longest_hidden_s: float


def band_levels(path: Path) -> Bands:
    """Power [frames, bands] of a sound file, both channels together."""
    with soundfile.SoundFile(path) as file:
        length = round(FRAME_S * file.samplerate)
        weights = _band_weights(length, file.samplerate)
        shape = np.hanning(length)[:, None].astype(np.float32)
        rows = [
            (np.abs(np.fft.rfft(block * shape, axis=0)) ** 2).sum(axis=1) @ weights
            for block in file.blocks(length, dtype="float32", always_2d=True, fill_value=0.0)
        ]
    return np.array(rows, float) / (length * np.square(shape).sum() / 2)


def _band_weights(length: int, rate_hz: int) -> NDArray[np.float32]:
    """[lines, bands]: 1 where a line lies in a band."""
    lines_hz = np.fft.rfftfreq(length, 1 / rate_hz)[:, None]
    centres = np.array(BANDS_HZ)
    inside = (lines_hz >= centres * 2 ** (-1 / 6)) & (lines_hz < centres * 2 ** (1 / 6))
    return inside.astype(np.float32)


def stem_reports(stems: Mapping[str, Path]) -> list[StemReport]:
    """A report of each stem that is no return, beside all others."""
    levels = {name: band_levels(path) for name, path in stems.items()}
    total = sum(levels.values(), np.zeros((1, len(BANDS_HZ))))
    whole = total.sum(axis=0)
    return [_report(name, own, total, whole) for name, own in levels.items() if name not in DRY]


def _report(name: str, own: Bands, total: Bands, whole: Bands) -> StemReport:
    sounding = 10 * np.log10(own.sum(axis=1) + 1e-15) > SOUNDING_DB
    others = np.maximum(total - own, 0.0)
    covered = others > own * 10 ** (HIDDEN_DB / 10)
    strongest = np.argsort(-own, axis=1)[:, :OWN_BANDS]
    hidden = sounding & np.take_along_axis(covered, strongest, axis=1).all(axis=1)
    shares = own.sum(axis=0) / np.maximum(whole, 1e-15)
    return StemReport(
        name,
        tuple(round(float(share), 4) for share in shares),
        float(sounding.sum() * FRAME_S),
        float(hidden.sum()) / max(int(sounding.sum()), 1),
        _longest(hidden) * FRAME_S,
    )


def _longest(flags: NDArray[np.bool_]) -> int:
    longest = run = 0
    for flag in flags.tolist():
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def mono_loss_lu(sound: NDArray[np.float32], rate_hz: int) -> float:
    """By how much a track is softer where both loudspeakers play their mean: 0 of mono, 3 of unlike sides."""
    middle = sound.mean(axis=1, keepdims=True)
    mono = integrated_lufs(np.repeat(middle, 2, axis=1), rate_hz)
    return integrated_lufs(sound, rate_hz) - mono if mono > SILENT_LUFS else float("inf")


def entry_db(stems: Mapping[str, Path], name: str, at_s: float) -> float:
    """Where a voice has entered: its level in its own strongest bands, beside that of all other stems in them, in dB.

    A bell is heard above a piano that is twenty times as strong, for nothing else rings where it does.
    """
    levels = {other: _entering(path, at_s) for other, path in stems.items() if other == name or other not in DRY}
    own = levels.pop(name)
    strongest = np.argsort(-own)[:OWN_BANDS]
    others = sum(levels.values(), np.zeros(len(BANDS_HZ)))
    return float(10 * np.log10((own[strongest].sum() + 1e-15) / (others[strongest].sum() + 1e-15)))


def _entering(path: Path, at_s: float) -> Bands:
    """Power [bands] of `ENTERING_S` of a file."""
    with soundfile.SoundFile(path) as file:
        file.seek(min(round(at_s * file.samplerate), file.frames))
        sound = file.read(round(ENTERING_S * file.samplerate), dtype="float32", always_2d=True)
        lines = (np.abs(np.fft.rfft(sound, axis=0)) ** 2).sum(axis=1) if len(sound) else np.zeros(1)
        return np.asarray(lines @ _band_weights(max(len(sound), 1), file.samplerate), np.float64)

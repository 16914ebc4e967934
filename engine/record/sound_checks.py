"""What verification listens to: loudness, mirrored textures, octaves, noise, the vocoder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from engine import texture_fitting as fit
from engine.notes import Note
from engine.record.audio_files import read_audio
from engine.record.mastering import measured
from engine.record.verification import Check

ALIKE: Final = 0.99
"""Correlation from which two windows are the same sound but for a level that moves evenly."""
NEARLY_ALIKE: Final = 0.98
"""What windows must come to in which the limiter was at work, or a low cut rings over a joint."""
_MOST_NEARLY: Final = 0.15
"""How many windows, as a share of all, may be such."""
TOP_HZ: Final = 8000.0
_WINDOW_S: Final = 0.4
_LATEST_S: Final = 0.05
"""The engine may be late by some blocks; equal for both of a pair."""
_WINDOWS_TRIED: Final = 20
_QUIET_RMS: Final = 3e-4
_SUM_WITHIN: Final = 2e-5
_LOUDNESS_WITHIN_LU: Final = 0.3
_SHORTEST_CHORD_S: Final = 1.5

Sound = NDArray[np.float32]


def mix(track: int, folder: Path, entry: dict[str, Any], master: dict[str, float]) -> Iterator[Check]:
    """Loudness and true peak of the finished track, and whether its stems sum to it."""
    sound, rate_hz = read_audio(folder / f"{entry['slug']}.flac")
    loudness = measured(sound, rate_hz)
    target, ceiling = float(master["target_lufs"]), float(master["ceiling_dbtp"])
    good = abs(loudness.lufs - target) <= _LOUDNESS_WITHIN_LU
    yield Check(track, f"loudness {target:g} LUFS ±{_LOUDNESS_WITHIN_LU}", good, f"{loudness.lufs:.2f} LUFS")
    peak = loudness.true_peak_dbtp
    yield Check(track, f"true peak at most {ceiling:g} dBTP", peak <= ceiling, f"{peak:.2f} dBTP")
    total = np.zeros_like(sound)
    for name in entry["stems"]:
        total += read_audio(folder / "stems" / entry["slug"] / f"{name}.flac")[0]
    error = float(np.abs(total - sound).max())
    yield Check(track, "stems sum to the track", error < _SUM_WITHIN, f"largest difference {error:.1e}")


def mirrored(track: int, stems: Path, left: dict[str, Any], right: dict[str, Any]) -> Check:
    """Whether the right copy is the left one with halves reversed and swapped, window by window.

    A layer's low cut delays low notes; that of the left copy is therefore done to the right one backwards, and the
    other way round, before they are compared.
    """
    one, rate_hz = _loudest_side(stems / f"{left['stem']}.flac")
    other, _ = _loudest_side(stems / f"{right['stem']}.flac")
    reversed_one = _cut(one[::-1], rate_hz, left["cuts_hz"])
    facing = _cut(other[::-1], rate_hz, right["cuts_hz"])[::-1]
    pairs = list(_facing_windows(right, rate_hz, len(one)))
    late = _lateness(reversed_one, facing, pairs, round(_LATEST_S * rate_hz))
    alike = [_likeness(reversed_one[b - late : b - late + n], facing[a : a + n]) for a, b, n in pairs]
    heard = [value for value in alike if value is not None]
    worst, middle = (min(heard), float(np.median(heard))) if heard else (0.0, 0.0)
    nearly = sum(value < ALIKE for value in heard)
    same = worst >= NEARLY_ALIKE and nearly <= _MOST_NEARLY * len(heard)
    figure = f"{len(heard)} windows, correlation {middle:.6f} in the middle, {worst:.5f} at least, {nearly} < {ALIKE}"
    return Check(track, "right texture is the left one, halves swapped and reversed", same, figure)


def _facing_windows(clip: dict[str, Any], rate_hz: int, frames: int) -> Iterator[tuple[int, int, int]]:
    """(first frame in the right copy, first frame in the reversed left one, frames) of windows in unfaded parts."""
    start, end = float(clip["start_s"]), float(clip["end_s"])
    first, last = start + float(clip["fades_s"][0]), end - float(clip["fades_s"][1])
    length = round(_WINDOW_S * rate_hz)
    for at_s in np.arange(first, last - _WINDOW_S, _WINDOW_S):
        inside = (at_s - start + float(clip["offset_s"])) % float(clip["round_s"])
        turn = at_s - inside
        mirror_end = turn + float(clip["round_s"]) - inside
        if mirror_end - _WINDOW_S >= first and mirror_end <= last and inside + _WINDOW_S <= float(clip["round_s"]):
            yield round(at_s * rate_hz), frames - round(mirror_end * rate_hz), length


def _lateness(one: Sound, other: Sound, pairs: Sequence[tuple[int, int, int]], most: int) -> int:
    """By how many frames `one` must be read earlier for its windows to meet those of `other`."""
    inside = [(a, b, n) for a, b, n in pairs if b >= most and b + n + most <= len(one)]
    total = np.zeros(2 * most + 1)
    for a, b, n in inside[:: max(1, len(inside) // _WINDOWS_TRIED)]:
        total += scipy.signal.fftconvolve(one[b - most : b + n + most], other[a : a + n][::-1], "valid")
    return most - int(np.argmax(np.abs(total)))


def _likeness(one: Sound, other: Sound) -> float | None:
    """Correlation of `other` with `one` at a level that moves evenly; None where next to nothing is heard."""
    if len(one) != len(other) or float(np.sqrt(np.mean(other**2))) < _QUIET_RMS:
        return None
    moving = np.stack([one, one * np.linspace(-1.0, 1.0, len(one))])
    shares = np.linalg.lstsq(moving @ moving.T, moving @ other, rcond=None)[0]
    fitted = shares @ moving
    return float(fitted @ other / max(float(np.sqrt((fitted @ fitted) * (other @ other))), 1e-12))


def _cut(sound: Sound, rate_hz: int, cuts_hz: Sequence[float]) -> Sound:
    """Low and high cut as a layer has them."""
    low = scipy.signal.butter(2, cuts_hz[0], "highpass", fs=rate_hz, output="sos")
    high = scipy.signal.butter(2, min(cuts_hz[1], 0.49 * rate_hz), "lowpass", fs=rate_hz, output="sos")
    return np.asarray(scipy.signal.sosfilt(np.concatenate([low, high]), sound), dtype=np.float64)


def _loudest_side(path: Path) -> tuple[Sound, int]:
    sound, rate_hz = read_audio(path)
    return sound[:, int(np.argmax(np.abs(sound).max(axis=0)))].astype(np.float64), rate_hz


def octave_up(track: int, stems: Path, below: dict[str, Any], above: dict[str, Any]) -> Check:
    """Energy above `TOP_HZ` of the copy, beside that of the texture it was made from."""
    low, high = _top_share_db(stems / f"{below['stem']}.flac"), _top_share_db(stems / f"{above['stem']}.flac")
    figure = f"above {TOP_HZ / 1000:g} kHz: {high:.1f} dB of its own energy; the texture {low:.1f} dB"
    return Check(track, "octave-up copy reaches above 8 kHz", high > -45.0 and high > low + 10.0, figure)


def _top_share_db(path: Path) -> float:
    sound, rate_hz = _loudest_side(path)
    hz, power = scipy.signal.welch(sound, rate_hz, nperseg=4096)
    return float(10 * np.log10(power[hz > TOP_HZ].sum() / max(power.sum(), 1e-20) + 1e-12))


def noise_lowered(track: int, stems: Path, clip: dict[str, Any]) -> Check:
    """How far noisy stretches of a stem lie below its tones."""
    sound, rate_hz = _loudest_side(stems / f"{clip['stem']}.flac")
    flatness = fit.noisiness(sound.astype(np.float32), rate_hz)
    length = len(sound) // max(len(flatness), 1)
    rms = np.sqrt((sound[: len(flatness) * length].reshape(len(flatness), -1) ** 2).mean(axis=1))
    heard = rms > _QUIET_RMS / 30
    noisy, tones = heard & (flatness > 0.25), heard & (flatness < 0.1)
    if noisy.sum() < 3 or not tones.any():
        return Check(track, "noisy stretches brought down", True, f"{clip['stem']}: none is left to be heard")
    below = 20 * float(np.log10(np.median(rms[tones]) / np.median(rms[noisy])))
    return Check(track, "noisy stretches brought down", below > 6.0, f"{clip['stem']}: {below:.1f} dB below the tones")


def vocoder_follows(track: int, sound: Sound, rate_hz: int, chords: Sequence[Note]) -> Check:
    """Presence of each held chord's pitch classes while it sounds, beside that of the other chords' then."""
    spans = list(_chord_spans(chords))
    heard = fit.chroma(sound, rate_hz) ** 2
    blocks_per_s = len(heard) / (len(sound) / rate_hz)
    own: list[float] = []
    others: list[float] = []
    for start_s, end_s, classes in spans:
        weight = heard[int((start_s + 0.3) * blocks_per_s) : int(end_s * blocks_per_s)].mean(axis=0)
        if not weight.sum() > 0:
            continue
        weight = weight / weight.sum()
        own.append(float(weight[list(classes)].sum()) / len(classes))
        foreign = [c for _, _, c in spans if not c & classes]
        foreign = foreign or [frozenset(set().union(*(c for _, _, c in spans)) - classes)]
        others.append(float(np.mean([weight[list(c)].mean() for c in foreign if c] or [0.0])))
    ratio = float(np.mean(own)) / max(float(np.mean(others)), 1e-9) if own else 0.0
    figure = f"{len(own)} chords: their tones are {ratio:.1f} times as present as those of the other chords"
    return Check(track, "vocoder follows the chord's pitch classes", ratio > 1.5, figure)


def _chord_spans(notes: Sequence[Note]) -> Iterator[tuple[float, float, frozenset[int]]]:
    """Stretches in which the same chord is held, at least `_SHORTEST_CHORD_S` long."""
    edges = sorted({t for n in notes for t in (n.onset_s, n.end_s)})
    merged: list[tuple[float, float, frozenset[int]]] = []
    for start_s, end_s in itertools.pairwise(edges):
        middle_s = 0.5 * (start_s + end_s)
        classes = frozenset(n.pitch % 12 for n in notes if n.onset_s <= middle_s < n.end_s)
        if merged and (merged[-1][2] == classes or end_s - start_s < 0.2):
            merged[-1] = (merged[-1][0], end_s, merged[-1][2])
        else:
            merged.append((start_s, end_s, classes))
    yield from (span for span in merged if span[1] - span[0] >= _SHORTEST_CHORD_S and len(span[2]) >= 2)

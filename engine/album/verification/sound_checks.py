"""What verification listens to: loudness, mirrored textures, octaves, noise, the vocoder."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import scipy.signal
import soxr
from numpy.typing import NDArray

from engine.album.plan.sheet import MasterSettings, Section
from engine.album.sound_files.audio_files import read_audio
from engine.album.sound_files.mastering import measured, true_peaks
from engine.album.verification.check import Check
from engine.music.notes import Note
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.cuts import HIGH_OPEN_HZ, LOW_OPEN_HZ
from engine.sound.textures import analysis
from models.textures.audio.pitch_classes import PITCH_CLASSES

ALIKE: Final = 0.9999
"""Correlation that each window must reach; on the shipped EP all have 0.99999. Where the limiter works it is not asked
for: that moves quicker than any window, and has left 0.9993."""
MOSTLY_ALIKE: Final = 0.999999
"""Correlation of the middle one of all windows. A copy one frame too late has 0.9997 at 200 Hz, and less above."""
FOLLOWS_DB: Final = 1.5
"""By how much a tone must rise where its chord is held. Measured: 3.5 to 5 dB through the vocoder, -1.2 to 0.4 dB in
what carries it."""
TOP_HZ: Final = 8000.0
MOST_DB_PER_S: Final = 4.0
_WINDOW_S: Final = 0.4
_RING_PERIODS: Final = 3.0
"""After so many of its period a low cut of second order has died away to a millionth."""
_QUIET_RMS: Final = 3e-4
_LIMITED_WITHIN_DB: Final = 0.5
_LIMITED_FOR_S: Final = 0.3
"""A peak so near to the ceiling was limited, and the sound around it is still on its way back."""
_SUM_WITHIN: Final = 2e-5
_LOUDNESS_WITHIN_LU: Final = 0.3
_SHORTEST_CHORD_S: Final = 1.5
_CHORD_BEGINS_S: Final = 0.3
"""What is left out at a chord's beginning, where the one before it still rings."""
_LEAST_SHARE: Final = 1e-3
"""Of all that is heard; a pitch class with less is as good as silent."""

Sound = NDArray[np.float32]


def mix(track: int, folder: Path, entry: dict[str, Any], master: MasterSettings) -> Iterator[Check]:
    """Loudness and true peak of the finished track, and whether its stems sum to it."""
    sound, rate_hz = read_audio(folder / f"{entry['slug']}.flac")
    loudness = measured(sound, rate_hz)
    target, ceiling = master.target_lufs, master.ceiling_dbtp
    good = abs(loudness.lufs - target) <= _LOUDNESS_WITHIN_LU
    yield Check(track, f"loudness {target:g} LUFS ±{_LOUDNESS_WITHIN_LU}", good, f"{loudness.lufs:.2f} LUFS")
    peak = loudness.true_peak_dbtp
    yield Check(track, f"true peak at most {ceiling:g} dBTP", peak <= ceiling, f"{peak:.2f} dBTP")
    total = np.zeros_like(sound)
    for name in entry["stems"]:
        total += read_audio(folder / "stems" / entry["slug"] / f"{name}.flac")[0]
    error = float(np.abs(total - sound).max())
    yield Check(track, "stems sum to the track", error < _SUM_WITHIN, f"largest difference {error:.1e}")


def limited(path: Path, master: MasterSettings) -> NDArray[np.bool_]:
    """Where the limiter was at work on a finished track, [frames at the engine's rate]."""
    sound, rate_hz = read_audio(path)
    ceiling = 10 ** ((master.ceiling_dbtp - _LIMITED_WITHIN_DB) / 20)
    touched = np.zeros(math.ceil(len(sound) * SAMPLE_RATE_HZ / rate_hz), dtype=np.bool_)
    around = round(_LIMITED_FOR_S * SAMPLE_RATE_HZ)
    for frame in np.flatnonzero(true_peaks(sound, above=ceiling) > ceiling) * SAMPLE_RATE_HZ // rate_hz:
        touched[max(0, frame - around) : frame + around] = True
    return touched


def with_pauses(
    touched: NDArray[np.bool_], sections: Sequence[Section], starts_s: Sequence[float]
) -> NDArray[np.bool_]:
    """`touched`, and where sections leap in level: there a window's level does not move evenly any more."""
    found = touched.copy()
    for (before, section), start_s in zip(itertools.pairwise(sections), starts_s[1:], strict=True):
        if abs(section.level_db - before.level_db) / section.glide_s > MOST_DB_PER_S:
            found[
                round((start_s - section.glide_s - 0.2) * SAMPLE_RATE_HZ) : round((start_s + 0.2) * SAMPLE_RATE_HZ)
            ] = True
    return found


def mirrored(
    track: int,
    stems: Path,
    left: dict[str, Any],
    right: dict[str, Any],
    hidden_by: Sequence[str],
    touched: NDArray[np.bool_] | None = None,
) -> Check:
    """Whether the right copy is the left one with halves reversed and swapped, window by window and to the frame.

    A layer's low cut delays low notes; that of the left copy is therefore done to the right one backwards, and the
    other way round, before they are compared. Levels may move, but not the place: both are read where the recipe says.
    That is exact in frames of the engine, so a record at another rate is brought back to the engine's first: half a
    frame of 44.1 kHz would cost a bright texture more than any window may lack. `hidden_by` is what else the layers do,
    after which it cannot be told; `touched` is where a limiter was at work, see `limited`, and there it is not asked.
    """
    what = "right texture is the left one, halves swapped and reversed"
    if hidden_by:
        return Check(track, what, None, f"cannot be told, since their layers have {', '.join(hidden_by)}")
    one, other = (_at_engine_rate(stems / f"{clip['stem']}.flac") for clip in (left, right))
    reversed_one = _cut(one[::-1], left["cuts_hz"])
    facing = _cut(other[::-1], right["cuts_hz"])[::-1]
    whole = np.zeros(len(one), dtype=np.bool_) if touched is None else touched
    windows = [
        (a, b, n)
        for a, b, n in _facing_windows(right, len(one))
        if not (whole[a : a + n].any() or whole[::-1][b : b + n].any())
    ]
    alike = [_likeness(reversed_one[b : b + n], facing[a : a + n]) for a, b, n in windows]
    if not windows:
        return Check(track, what, None, "cannot be told: no part of it is long enough and untouched by the limiter")
    heard = [value for value in alike if value is not None]
    worst, middle = (min(heard), float(np.median(heard))) if heard else (0.0, 0.0)
    figure = f"{len(heard)} windows, correlation {middle:.7f} in the middle, {worst:.6f} at least"
    return Check(track, what, worst >= ALIKE and middle >= MOSTLY_ALIKE, figure)


def _facing_windows(clip: dict[str, Any], frames: int) -> Iterator[tuple[int, int, int]]:
    """(first frame in the right copy, first frame in the reversed left one, frames) of windows in unfaded parts.

    Nor near a clip's ends, where the low cut rings: forwards at its beginning, which is backwards in its mirror.
    """
    keys = ("start_s", "end_s", "offset_s", "round_s")
    start, end, offset, turn = (round(float(clip[key]) * SAMPLE_RATE_HZ) for key in keys)
    ring_s = _RING_PERIODS / float(clip["cuts_hz"][0])
    fade_in, fade_out = (round(max(float(fade_s), ring_s) * SAMPLE_RATE_HZ) for fade_s in clip["fades_s"])
    first, last, length = start + fade_in, end - fade_out, round(_WINDOW_S * SAMPLE_RATE_HZ)
    for at in range(first, last - length + 1, length):
        inside = (at - start + offset) % turn
        mirror_end = at - inside + turn - inside
        if mirror_end - length >= first and mirror_end <= last and inside + length <= turn:
            yield at, frames - mirror_end, length


def _likeness(one: Sound, other: Sound) -> float | None:
    """Correlation of `other` with `one` at a level that moves evenly; None where almost nothing is heard."""
    if len(one) != len(other) or min(float(np.sqrt(np.mean(side**2))) for side in (one, other)) < _QUIET_RMS:
        return None
    moving = np.stack([one, one * np.linspace(-1.0, 1.0, len(one))])
    shares = np.linalg.lstsq(moving @ moving.T, moving @ other, rcond=None)[0]
    fitted = shares @ moving
    return float(fitted @ other / max(float(np.sqrt((fitted @ fitted) * (other @ other))), 1e-12))


def _at_engine_rate(path: Path) -> Sound:
    """The louder side of a stem, [frames], at the rate at which the engine placed it."""
    sound, rate_hz = _loudest_side(path)
    return np.asarray(soxr.resample(sound, rate_hz, SAMPLE_RATE_HZ, "VHQ"), dtype=np.float64)


def _cut(sound: Sound, cuts_hz: Sequence[float]) -> Sound:
    """Low and high cut as a layer has them: out of the way at their ends."""
    for cut_hz, kind, is_open in zip(
        cuts_hz, ("highpass", "lowpass"), (cuts_hz[0] <= LOW_OPEN_HZ, cuts_hz[1] >= HIGH_OPEN_HZ), strict=True
    ):
        if not is_open:
            sound = scipy.signal.sosfilt(scipy.signal.butter(2, cut_hz, kind, fs=SAMPLE_RATE_HZ, output="sos"), sound)
    return np.asarray(sound, dtype=np.float64)


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
    flatness = analysis.noisiness(sound.astype(np.float32), rate_hz)
    length = len(sound) // max(len(flatness), 1)
    rms = np.sqrt((sound[: len(flatness) * length].reshape(len(flatness), -1) ** 2).mean(axis=1))
    heard = rms > _QUIET_RMS / 30
    noisy, tones = heard & (flatness > 0.25), heard & (flatness < 0.1)
    if noisy.sum() < 3 or not tones.any():
        return Check(track, "noisy stretches brought down", True, f"{clip['stem']}: none is left to be heard")
    below = 20 * float(np.log10(np.median(rms[tones]) / np.median(rms[noisy])))
    return Check(track, "noisy stretches brought down", below > 6.0, f"{clip['stem']}: {below:.1f} dB below the tones")


def vocoder_follows(track: int, sound: Sound, rate_hz: int, chords: Sequence[Note]) -> Check:
    """How much a pitch class rises while a chord holds it, beside the other chords, in which it is not held.

    Each is compared with itself at another time, so it does not matter what carries the voice nor which chords there
    are: what a carrier always holds rises by nothing. Of a few chords over a moving carrier nothing can be told: there
    the tones differ so much among themselves that `FOLLOWS_DB` lies within two standard errors of their mean.
    """
    what = "vocoder follows the chord's pitch classes"
    presence = analysis.chroma(sound, rate_hz) ** 2
    blocks_per_s = len(presence) / (len(sound) / rate_hz)
    shares, held = [], []
    for start_s, end_s, classes in _chord_spans(chords):
        own = presence[int((start_s + _CHORD_BEGINS_S) * blocks_per_s) : int(end_s * blocks_per_s)]
        if own.sum() > 0:
            shares.append(own.sum(axis=0) / own.sum())
            held.append([number in classes for number in range(PITCH_CLASSES)])
    rises_db = list(_rises_db(np.array(shares), np.array(held)))
    if not rises_db:
        return Check(track, what, None, f"{len(shares)} chords, none of which another follows; nothing to be told")
    rise_db = float(np.mean(rises_db))
    error_db = float(np.std(rises_db) / np.sqrt(len(rises_db)))
    figure = f"{len(shares)} chords: their tones rise by {rise_db:.1f} dB while they are held"
    if rise_db <= FOLLOWS_DB < rise_db + 2.0 * error_db:
        return Check(track, what, None, f"{figure}, give or take {2.0 * error_db:.1f}; too few to tell")
    return Check(track, what, rise_db > FOLLOWS_DB, figure)


def _rises_db(shares: NDArray[np.float64], held: NDArray[np.bool_]) -> Iterator[float]:
    """For each pitch class that some chords hold and some do not; both arguments [chords, pitch classes]."""
    for share, there in zip(np.maximum(shares, _LEAST_SHARE).T, held.T, strict=True):
        if there.any() and not there.all():
            levels_db = 10 * np.log10(share)
            yield float(levels_db[there].mean() - levels_db[~there].mean())


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

"""The pictures of a report: notes, spectrum, waveform and loudness of one part, on one axis of time."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyloudnorm
import soundfile
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.album.sleeve.sleeve import INK, PAPER, VOICE_INKS
from engine.album.sleeve.spectra import HIGHEST_PITCH, LOWEST_PITCH, pitch_spectrogram, waveform
from engine.album.sound_files.audio_files import read_audio
from engine.parameters.stems import STEM_TABLE

if TYPE_CHECKING:
    from engine.album.report.part import Part

_COLUMNS: Final = 1400
_FLOOR_DB: Final = -90.0
_PALE: Final = "#cfc6b4"
_STEP_S: Final = 0.5
_WINDOW_S: Final = 3.0
_STEM_INKS: Final = {name: stem.ink for name, stem in STEM_TABLE.items()}
_LOWEST_LUFS: Final = -60.0


def picture(part: Part) -> str:
    """A PNG of everything, base64."""
    sound, rate_hz = read_audio(part.sound)
    length_s = len(sound) / rate_hz
    figure = Figure((14, 11), layout="constrained", facecolor=PAPER)
    axes = figure.subplots(4, 1, sharex=True, height_ratios=(3.2, 3.2, 1.0, 2.2))
    _notes(axes[0], part)
    _spectrum(axes[1], part.sound, length_s)
    _wave(axes[2], part.sound, length_s)
    _loudness(axes[3], part, sound, rate_hz)
    for one in axes:
        one.set_facecolor(PAPER)
        one.spines[["top", "right"]].set_visible(False)
        for start_s, _, _ in part.sections:
            one.axvline(start_s, color=_PALE, linewidth=0.8)
    axes[3].set(xlim=(0, length_s), xlabel="s")
    out = io.BytesIO()
    figure.savefig(out, dpi=95, facecolor=PAPER, metadata={"Software": None})
    return base64.b64encode(out.getvalue()).decode()


def _notes(axes: Any, part: Part) -> None:
    for voice, ink in VOICE_INKS.items():
        notes = part.notes.get(voice, ())
        if not notes:
            continue
        lines = [[(n.onset_s, n.pitch), (max(n.end_s, n.onset_s + 0.2), n.pitch)] for n in notes]
        colours = [(*to_rgba(ink)[:3], 0.35 + 0.65 * n.velocity / 127) for n in notes]
        axes.add_collection(LineCollection(lines, colors=colours, linewidths=2.2))
        axes.plot([], [], color=ink, linewidth=3, label=voice)
    for start_s, _, name in part.sections:
        axes.text(start_s, 109, f" {name}", fontsize=8, color=INK, va="bottom", parse_math=False)
    axes.set(ylim=(24, 114), ylabel="notes")
    axes.set_yticks(range(24, 109, 12), [f"C{octave}" for octave in range(1, 9)])
    if part.notes:
        axes.legend(loc="lower right", frameon=False, ncols=6, fontsize=8)


def _spectrum(axes: Any, sound: Path, length_s: float) -> None:
    axes.imshow(
        pitch_spectrogram(sound, _COLUMNS),
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=_FLOOR_DB,
        vmax=0.0,
        extent=(0.0, length_s, LOWEST_PITCH, HIGHEST_PITCH),
    )
    marks_hz = (55, 110, 220, 440, 880, 1760, 3520, 7040)
    places = [69 + 12 * np.log2(hz / 440) for hz in marks_hz]
    axes.set_yticks(places, [f"{hz} Hz" for hz in marks_hz])
    axes.set(ylabel="spectrum")


def _wave(axes: Any, sound: Path, length_s: float) -> None:
    low, high = waveform(sound, _COLUMNS)
    axes.fill_between(np.linspace(0, length_s, len(low)), low, high, color=INK, linewidth=0)
    axes.set(ylim=(-1, 1), ylabel="wave", yticks=(-1, 0, 1))


def _loudness(axes: Any, part: Part, sound: NDArray[np.float32], rate_hz: int) -> None:
    """Short-term loudness of the whole, and the level of each stem over the same time."""
    for name, path in part.stems.items():
        times_s, level = short_term_level(path)
        axes.plot(times_s, level, color=_STEM_INKS[name], linewidth=1.0, alpha=0.85, label=name)
    times_s, lufs = short_term_lufs(sound, rate_hz)
    axes.plot(times_s, lufs, color=INK, linewidth=2.0, label="all")
    axes.set(ylim=(_LOWEST_LUFS, -8), ylabel="loudness, LUFS in 3 s")
    axes.grid(axis="y", color=_PALE, linewidth=0.5)
    axes.legend(loc="lower right", frameon=False, ncols=6, fontsize=8)


def short_term_lufs(sound: NDArray[np.float32], rate_hz: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in seconds and loudness of the 3 s around each (EBU Tech 3341), by pyloudnorm's weighting filters."""
    step = round(_STEP_S * rate_hz)
    power = np.zeros(len(sound) // step)
    for channel in sound.T:
        weighted = channel
        for stage in pyloudnorm.Meter(rate_hz)._filters.values():  # noqa: SLF001 - it has no other way to ask for them
            weighted = stage.apply_filter(weighted)
        power += (weighted[: len(power) * step].reshape(-1, step) ** 2).mean(axis=1)
    return _around(power)


def short_term_level(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for a file, in plain decibels: without the weighting, which for ten stems would take long."""
    with soundfile.SoundFile(path) as file:
        blocks = file.blocks(round(_STEP_S * file.samplerate), dtype="float32", always_2d=True)
        power = np.array([np.einsum("ij,ij->", block, block) / len(block) for block in blocks], np.float64)
    return _around(power)


def _around(power: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in seconds, and decibels of `power` [steps], the mean of what lies around each."""
    window = round(_WINDOW_S / _STEP_S)
    mean = np.convolve(power, np.ones(window) / window, "same")
    times_s = np.asarray((np.arange(len(power)) + 0.5) * _STEP_S, np.float64)
    return times_s, np.asarray(np.maximum(-0.691 + 10 * np.log10(mean + 1e-12), _LOWEST_LUFS - 5), np.float64)

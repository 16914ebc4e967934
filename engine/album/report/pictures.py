"""The pictures of a report: notes, spectrum, waveform and loudness of one part, on one axis of time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soundfile
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.album.measurement.loudness_over_time import SHORT_TERM_S, loudness_curve
from engine.album.report.form_pictures import PALE, draw_density, draw_planned_level, draw_register, plain, png
from engine.album.sleeve.sleeve import INK, PAPER, VOICE_INKS
from engine.album.sleeve.spectra import HIGHEST_PITCH, LOWEST_PITCH, pitch_spectrogram, waveform
from engine.album.sound_files.audio_files import read_audio
from engine.album.sound_files.mastering import integrated_lufs
from engine.parameters.stems import STEM_TABLE

if TYPE_CHECKING:
    from engine.album.report.part import Part

_COLUMNS: Final = 1400
_FLOOR_DB: Final = -90.0
_STEP_S: Final = 0.5
_STEM_INKS: Final = {name: stem.ink for name, stem in STEM_TABLE.items()}
_LOWEST_LUFS: Final = -60.0
_LETTER: Final = 0.0058
"""Width of a letter of a section's name, of the axis of time."""
_ABOVE: Final[dict[str, Any]] = {"loc": "lower right", "bbox_to_anchor": (1.0, 0.97), "frameon": False, "fontsize": 8}
"""Where a legend hides nothing."""


@dataclass(frozen=True)
class Picture:
    """A PNG, base64, and where its axis of time lies, as shares of its width: a page draws a moving line there."""

    png: str
    left: float
    right: float
    length_s: float


def picture(part: Part) -> Picture:
    """Everything of a part on one axis of time; density and register where its plan is known."""
    sound, rate_hz = read_audio(part.sound)
    length_s = len(sound) / rate_hz
    heights = (3.2, 3.2, 1.0, 2.2, *((1.1, 1.3) if part.plan else ()))
    figure = Figure((14, sum(heights) * 1.15), layout="constrained", facecolor=PAPER)
    axes = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _notes(axes[0], part, length_s)
    _spectrum(axes[1], part.sound, length_s)
    _wave(axes[2], part.sound, length_s)
    _loudness(axes[3], part, sound, rate_hz)
    if part.plan:
        draw_planned_level(axes[3], part, integrated_lufs(sound, rate_hz))
        draw_density(axes[4], part, length_s)
        draw_register(axes[5], part, length_s)
    for one in axes:
        plain(one)
        for start_s, _, _ in part.sections:
            one.axvline(start_s, color=PALE, linewidth=0.8)
    axes[-1].set(xlim=(0, length_s), xlabel="s")
    drawn = png(figure)
    place = axes[-1].get_position()
    return Picture(drawn, float(place.x0), float(place.x1), length_s)


def _notes(axes: Any, part: Part, length_s: float) -> None:
    for voice, ink in VOICE_INKS.items():
        notes = part.notes.get(voice, ())
        if not notes:
            continue
        lines = [[(n.onset_s, n.pitch), (max(n.end_s, n.onset_s + 0.2), n.pitch)] for n in notes]
        colours = [(*to_rgba(ink)[:3], 0.35 + 0.65 * n.velocity / 127) for n in notes]
        axes.add_collection(LineCollection(lines, colors=colours, linewidths=2.2))
        axes.plot([], [], color=ink, linewidth=3, label=voice)
    _section_names(axes, part, length_s)
    axes.set(ylim=(24, 120), ylabel="notes")
    axes.set_yticks(range(24, 109, 12), [f"C{octave}" for octave in range(1, 9)])
    if part.notes:
        axes.legend(**_ABOVE, ncols=6)


def _section_names(axes: Any, part: Part, length_s: float) -> None:
    """Above the notes, in two rows: a name that is wider than its section leaves the next one the other row."""
    row, free_s = 0, 0.0
    for start_s, _, name in part.sections:
        row = 1 - row if start_s < free_s else 0
        free_s = start_s + (len(name) + 2) * _LETTER * length_s
        axes.text(start_s, 109 + 5.5 * row, f" {name}", fontsize=8, color=INK, va="bottom", parse_math=False)


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
    times_s, lufs = loudness_curve(sound, rate_hz, SHORT_TERM_S, _STEP_S)
    axes.plot(times_s, lufs, color=INK, linewidth=2.0, label="all")
    axes.set(ylim=(_LOWEST_LUFS, -8), ylabel="loudness, LUFS in 3 s")
    axes.grid(axis="y", color=PALE, linewidth=0.5)
    axes.legend(**_ABOVE, ncols=12)


def short_term_level(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same for a file, in plain decibels: without the weighting, which for ten stems would take long."""
    with soundfile.SoundFile(path) as file:
        blocks = file.blocks(round(_STEP_S * file.samplerate), dtype="float32", always_2d=True)
        power = np.array([np.einsum("ij,ij->", block, block) / len(block) for block in blocks], np.float64)
    return _around(power)


def _around(power: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in seconds, and decibels of `power` [steps], the mean of what lies around each."""
    window = round(SHORT_TERM_S / _STEP_S)
    mean = np.convolve(power, np.ones(window) / window, "same")
    times_s = np.asarray((np.arange(len(power)) + 0.5) * _STEP_S, np.float64)
    return times_s, np.asarray(np.maximum(-0.691 + 10 * np.log10(mean + 1e-12), _LOWEST_LUFS - 5), np.float64)

"""The sleeve: each track as a printed strip of its own music, spectrogram in two inks, notes over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from numpy.typing import NDArray

from engine.album.plan.plan import RecordPlan
from engine.album.sleeve.spectra import HIGHEST_PITCH, LOWEST_PITCH
from engine.parameters.stems import DOUBLES, STEM_TABLE, VOICES

if TYPE_CHECKING:
    from engine.album.performance.played import Played

SIZE_IN: Final = 10.0
DOTS_PER_IN: Final = 200
PAPER: Final = "#f3eee3"
INK: Final = "#23211f"
VOICE_INKS: Final = {name: STEM_TABLE[name].ink for name in VOICES}
"""A colour for each voice, in the order in which they are printed over each other."""

_TINTS: Final = ("#7f97a3", "#b08f86", "#a9986a", "#8b9a83", "#94879f")
"""Second ink of each strip in turn."""
_MARGIN: Final = 0.085
_FAINT_PERCENT: Final = 62.0
_STRONG_PERCENT: Final = 99.6
"""Of a strip's spectrogram: what is fainter stays paper, what is stronger is printed full."""
_STRIPS_FROM: Final = 0.235
"""Height of the foot, which holds the titles, as a share of the sleeve."""
_GAP: Final = 0.022
_TYPEFACE: Final = "STIXGeneral"

Levels = NDArray[np.float32]
"""dB, [rows, columns]."""


def write_sleeve(folder: Path, plan: RecordPlan, played: Mapping[int, Played], levels: Sequence[Levels]) -> None:
    """`sleeve.png` and `sleeve.svg` in `folder`; the same music gives the same bytes.

    `levels` are the tracks' spectrograms (see `pitch_spectrogram`).
    """
    with mpl.rc_context(
        {"svg.hashsalt": "sleeve", "svg.fonttype": "path", "font.family": _TYPEFACE, "text.parse_math": False}
    ):
        figure = _drawn(plan, played, levels)
        for name, left_out in (("sleeve.png", ("Software",)), ("sleeve.svg", ("Date", "Creator"))):
            undated = dict.fromkeys(left_out)
            figure.savefig(folder / name, dpi=DOTS_PER_IN, facecolor=PAPER, metadata=undated)


def _drawn(plan: RecordPlan, played: Mapping[int, Played], levels: Sequence[Levels]) -> Figure:
    """Strips as wide as their tracks are long: the record is read like a page of three systems."""
    figure = Figure((SIZE_IN, SIZE_IN))
    top, foot = 1.0 - _MARGIN, _STRIPS_FROM
    height = (top - foot - _GAP * (len(plan.tracks) - 1)) / len(plan.tracks)
    longest_s = max(track.length_s for track in plan.tracks)
    for index, (track, level) in enumerate(zip(plan.tracks, levels, strict=True)):
        width = (1.0 - 2 * _MARGIN) * track.length_s / longest_s
        axes = figure.add_axes((_MARGIN, top - (index + 1) * height - index * _GAP, width, height))
        _strip(axes, level, played[track.number], track.length_s, _TINTS[index % len(_TINTS)])
    _lettering(figure, plan)
    return figure


def _strip(axes: Any, level: Levels, played: Played, length_s: float, tint: str) -> None:
    faint, strong = (float(value) for value in np.percentile(level, (_FAINT_PERCENT, _STRONG_PERCENT)))
    inks = LinearSegmentedColormap.from_list("print", [(0.0, PAPER), (0.6, tint), (1.0, INK)])
    axes.imshow(
        np.clip((level - faint) / max(strong - faint, 1.0), 0.0, 1.0) ** 1.5,
        origin="lower",
        aspect="auto",
        cmap=inks,
        vmin=0.0,
        vmax=1.15,
        extent=(0.0, length_s, LOWEST_PITCH, HIGHEST_PITCH),
        interpolation="bilinear",
    )
    for voice in (*DOUBLES, "chords", "guitar", "cello", "piano"):
        _notes(axes, played, voice)
    for voice in ("drums", "bells"):
        notes = played.notes(voice)
        axes.scatter(
            [n.onset_s for n in notes],
            [n.pitch if voice == "bells" else LOWEST_PITCH + 2.5 for n in notes],
            s=[(0.9 if voice == "bells" else 0.12) * n.velocity**0.75 for n in notes],
            color=VOICE_INKS[voice],
            linewidths=0,
            zorder=4,
        )
    axes.set(xlim=(0.0, length_s), ylim=(LOWEST_PITCH, HIGHEST_PITCH))
    axes.axis("off")


def _notes(axes: Any, played: Played, voice: str) -> None:
    notes = played.notes(voice)
    lines = [[(n.onset_s, n.pitch), (n.end_s, n.pitch)] for n in notes]
    colours = [(*to_rgba(VOICE_INKS[voice])[:3], 0.35 + 0.6 * n.velocity / 127) for n in notes]
    widths = [0.5 + 1.3 * n.velocity / 127 for n in notes]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=widths, capstyle="round"))


def _lettering(figure: Figure, plan: RecordPlan) -> None:
    record = plan.record
    right = 1.0 - _MARGIN
    figure.text(_MARGIN, 0.125, record.title, fontsize=33, color=INK, va="baseline")
    figure.text(_MARGIN, _MARGIN, _spaced(record.artist), fontsize=10.5, color=INK, va="baseline")
    lines = len(plan.tracks)
    for index, track in enumerate(plan.tracks):
        height = _MARGIN + 0.0215 * (lines - 1 - index)
        figure.text(right - 0.062, height, track.track.title, fontsize=11, color=INK, ha="right", va="baseline")
        figure.text(right, height, _minutes(track.length_s), fontsize=11, color=INK, ha="right", va="baseline")


def _spaced(text: str) -> str:
    return "\u2009".join(text.upper())


def _minutes(length_s: float) -> str:
    return f"{int(length_s) // 60}′{round(length_s) % 60:02d}″"

"""Pictures of form and mix: density and register beside their plan, a theme and its places, stems over the spectrum."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from engine.album.measurement.mix import BANDS_HZ, StemReport
from engine.album.measurement.notes_over_time import density_curve, register_curve
from engine.album.measurement.theme_returns import HEARD, places_of
from engine.album.sleeve.sleeve import INK, PAPER
from engine.parameters.stems import STEM_TABLE

if TYPE_CHECKING:
    from engine.album.report.part import Part

PALE: Final = "#cfc6b4"
PLANNED: Final = "#a3311d"
DPI: Final = 95
_LOWEST: Final = 40
_HIGHEST: Final = 96


def png(figure: Figure) -> str:
    """A figure as PNG, base64."""
    out = io.BytesIO()
    figure.savefig(out, dpi=DPI, facecolor=PAPER, metadata={"Software": None})
    return base64.b64encode(out.getvalue()).decode()


def plain(axes: Any) -> None:
    """Paper behind, two spines less."""
    axes.set_facecolor(PAPER)
    axes.spines[["top", "right"]].set_visible(False)


def draw_density(axes: Any, part: Part, length_s: float) -> None:
    """Notes a second of the piano, and what sections asked for."""
    times_s, density = density_curve(part.notes.get("piano", ()), length_s)
    axes.plot(times_s, density, color=INK, linewidth=1.6)
    _steps(axes, part, [s.density_notes_per_s for s in part.plan])
    axes.set(ylabel="notes/s", ylim=(0, None))


def draw_register(axes: Any, part: Part, length_s: float) -> None:
    """Mean pitch of the piano, and of its right hand what sections asked for."""
    times_s, register = register_curve(part.notes.get("piano", ()), length_s)
    axes.plot(times_s, register, color=INK, linewidth=1.6)
    _steps(axes, part, [float("nan") if s.register is None else s.register for s in part.plan])
    axes.set(ylabel="register", ylim=(_LOWEST, _HIGHEST))
    axes.set_yticks(range(48, _HIGHEST, 12), [f"C{octave}" for octave in range(3, 3 + len(range(48, _HIGHEST, 12)))])


def draw_planned_level(axes: Any, part: Part, lufs: float) -> None:
    """Where each section's level would lie if the track's loudness were that of level 0."""
    _steps(axes, part, [lufs + s.level_db for s in part.plan])


def _steps(axes: Any, part: Part, values: Sequence[float]) -> None:
    for stretch, value in zip(part.plan, values, strict=True):
        axes.plot([stretch.start_s, stretch.end_s], [value, value], color=PLANNED, linewidth=1.4, linestyle=(0, (4, 2)))


def theme_picture(part: Part) -> str:
    """Each theme as a small roll, and where it is heard; base64."""
    figure = Figure((14, 2.4 * len(part.tunes)), layout="constrained", facecolor=PAPER)
    rows = figure.subplots(len(part.tunes), 2, squeeze=False, width_ratios=(1, 3))
    for (tune_axes, place_axes), (name, tune) in zip(rows, part.tunes.items(), strict=True):
        tune_axes.hlines(
            [n.pitch for n in tune], [n.onset_s for n in tune], [n.end_s for n in tune], color=INK, linewidth=5
        )
        tune_axes.set(title=f"theme {name}", xlabel="s")
        ticks = sorted({n.pitch for n in tune})
        tune_axes.set_yticks(ticks, [_named(pitch) for pitch in ticks], fontsize=7)
        for place in places_of(tune, part.notes.get("piano", ())):
            whole = place.share >= HEARD
            place_axes.bar(place.start_s, place.share, 8.0, align="edge", color=INK if whole else PALE)
            place_axes.text(place.start_s, place.share + 0.02, place.about, fontsize=8, rotation=18, color=INK)
        place_axes.set(ylim=(0, 1.5), ylabel="of its notes", xlabel="s", xlim=(0, max(s.end_s for s in part.plan)))
        plain(tune_axes)
        plain(place_axes)
    return png(figure)


def mix_picture(reports: Sequence[StemReport]) -> str:
    """The share that each stem has of each third octave; base64."""
    figure = Figure((14, 1.0 + 0.32 * len(reports)), layout="constrained", facecolor=PAPER)
    axes = figure.subplots()
    table = np.array([report.occupancy for report in reports])
    axes.imshow(table, aspect="auto", cmap=LinearSegmentedColormap.from_list("print", (PAPER, INK)), vmin=0.0, vmax=1.0)
    axes.set_yticks(range(len(reports)), [report.name for report in reports])
    for label, report in zip(axes.get_yticklabels(), reports, strict=True):
        label.set_color(STEM_TABLE[report.name].ink)
    marks = range(1, len(BANDS_HZ), 3)
    axes.set_xticks(list(marks), [f"{BANDS_HZ[n]:.0f} Hz" for n in marks])
    axes.set_title("share of each third octave", fontsize=9)
    plain(axes)
    return png(figure)


def _named(pitch: int) -> str:
    return f"{('C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B')[pitch % 12]}{pitch // 12 - 1}"

"""A passage that turns into another, step by step, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from models.performers.interpolation.passage import Passage

INK: Final = "#2b2b2b"


def draw_steps(rows: Mapping[str, Sequence[Passage]], picture: Path) -> None:
    """Piano rolls side by side, a row for each way, as PNG; each row from one passage to another."""
    columns = max(len(steps) for steps in rows.values())
    figure = Figure((2.2 * columns, 2.4 * len(rows)), layout="constrained")
    for row, (name, steps) in enumerate(rows.items()):
        for column, step in enumerate(steps):
            axes = figure.add_subplot(len(rows), columns, row * columns + column + 1)
            lines = [[(n.onset_s, n.pitch), (n.end_s, n.pitch)] for n in step.notes]
            shades = [(0.17, 0.17, 0.17, 0.3 + 0.7 * n.velocity / 127) for n in step.notes]
            axes.add_collection(LineCollection(lines, colors=shades, linewidths=2.5))
            axes.set(xlim=(-0.1, step.length_s), ylim=(28, 100), xticks=[])
            axes.set_yticks(range(36, 97, 12), [f"C{o}" for o in range(2, 8)] if column == 0 else [])
            axes.grid(axis="y", color="#eeeeee")
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_title(
                f"{name}, {column / (len(steps) - 1):.0%}" if column == 0 else f"{column / (len(steps) - 1):.0%}"
            )
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=90)

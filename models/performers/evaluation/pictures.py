"""Losses and phrases as pictures."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from engine.music.notes import Phrase

INK, PALE, PEDAL = "#2b2b2b", "#b9b2a3", "#e9dfc8"


def draw_losses(table: Path, picture: Path) -> None:
    """`losses.csv` of a training as a PNG: nats per event over events learnt."""
    with open(table, newline="") as file:
        rows = list(csv.DictReader(file))
    figure = Figure((7, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="events learnt", ylabel="nats per event")
    events = [int(row["events"]) for row in rows]
    axes.plot(events, [float(row["training_nats"]) for row in rows], color=PALE, label="training")
    axes.plot(events, [float(row["held_out_nats"]) for row in rows], color=INK, label="held out")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, dpi=120)


def draw_phrases(phrases: Sequence[Phrase], picture: Path, titles: Sequence[str], dpi: int = 90) -> None:
    """Piano rolls on one sheet; darker is louder, the band below is the pedal."""
    columns = 1 if len(phrases) == 1 else 2
    rows = max(1, math.ceil(len(phrases) / columns))
    figure = Figure((7 * columns, 2.6 * rows), layout="constrained")
    for index, (phrase, title) in enumerate(zip(phrases, titles, strict=True)):
        axes = figure.add_subplot(rows, columns, index + 1, xlabel="s", ylabel="pitch")
        axes.set_title(title, parse_math=False)
        lines = [[(n.onset_s, n.pitch), (n.end_s, n.pitch)] for n in phrase.notes]
        shades = [(0.17, 0.17, 0.17, 0.25 + 0.75 * n.velocity / 127) for n in phrase.notes]
        axes.add_collection(LineCollection(lines, colors=shades, linewidths=2.5))
        for span in phrase.pedal:
            axes.axvspan(span.start_s, span.end_s, 0, 0.04, color=PEDAL)
        axes.set(xlim=(0, max(1.0, phrase.length_s)), ylim=(24, 100))
        axes.set_yticks(range(24, 101, 12), [f"C{octave}" for octave in range(1, 8)])
        axes.grid(axis="y", color="#eeeeee")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(picture, dpi=dpi)

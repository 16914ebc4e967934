"""One passage as it is written, as a person played it, and as it is played otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from matplotlib.figure import Figure

from engine.music.notes import Note
from models.performers.humaniser.evaluation import by_rule, levelled
from models.performers.humaniser.humaniser import Humaniser
from models.performers.humaniser.quantised_copy import QuantisedCopy

INK: Final = "#2b2b2b"
PALE: Final = "#b9b2a3"


def draw_ways(humaniser: Humaniser, copy: QuantisedCopy, picture: Path, seed: int) -> None:
    """Lateness over time of each note of a copy, larger where it is louder, as PNG."""
    score = levelled(copy)
    ways: dict[str, Sequence[Note]] = {
        "a person": copy.played,
        "humaniser": humaniser.play(score, seed),
        "rules": by_rule(copy, seed),
        "as written": score,
    }
    figure = Figure((10, 7), layout="constrained")
    for row, (name, played) in enumerate(ways.items()):
        axes = figure.add_subplot(len(ways), 1, row + 1, ylabel="late by ms")
        axes.set_title(name, loc="left")
        late = [1000 * (n.onset_s - _written(n, copy.score).onset_s) for n in played]
        loud = [(n.velocity / 12) ** 2 for n in played]
        axes.axhline(0, color=PALE, linewidth=0.8)
        axes.scatter([n.onset_s for n in played], late, loud, color=INK, alpha=0.6, linewidths=0)
        axes.set(ylim=(-110, 110), xlim=(0, copy.score[-1].onset_s + 0.5))
        axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel("s")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=110)


def _written(note: Note, score: Sequence[Note]) -> Note:
    """The note of a score that is nearest to one that was played, on the same key."""
    return min((n for n in score if n.pitch == note.pitch), key=lambda n: abs(n.onset_s - note.onset_s))

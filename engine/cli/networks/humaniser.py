"""`humaniser`: timing and velocity for any score: trained, put to use and measured.

Torch is imported inside the commands that train or measure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from engine.cli.networks.phrases import Corpora, say_skipped
from engine.cli.terminal.need_torch import need_torch
from engine.cli.terminal.output_paths import file_to_write, folder_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import Seed
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Phrase
from models.common.weights import FILE_NAME, weights_path

if TYPE_CHECKING:
    from models.performers.humaniser.quantised_copy import QuantisedCopy

console = plain_console()
FEWEST_PIECES = 10
"""Two for each fold of the classifier."""
humaniser = typer.Typer(no_args_is_help=True, help="Timing and velocity for any score, as people play.")

Weights = Annotated[str, typer.Option(help="Name, or a folder or file of weights.")]
LearntFrom = Annotated[
    list[Path], typer.Option("--learnt-from", help="Corpus to fit the controls on; else the one measured on.")
]


@humaniser.command()
def play(
    score: Annotated[Path, typer.Argument(help="MIDI file; its own touch, if it has one, counts for nothing.")],
    out: Annotated[Path, typer.Option(callback=file_to_write, help="MIDI file to write.")],
    seed: Seed = 1,
    weights: Weights = "humaniser",
) -> None:
    """Play a MIDI file as hands would: the same notes, each early or late and louder or softer by a little."""
    from models.performers.humaniser.humaniser import Humaniser

    contents = read_performance(score)
    say_skipped((), contents.remarks)
    played = Humaniser(weights_path(weights)).play(contents.phrase.notes, seed)
    write_phrase(ready(out), Phrase(played, contents.phrase.pedal))
    console.print(f"{out}: {len(played)} notes")


@humaniser.command()
def train(
    corpus: Corpora,
    out: Annotated[Path, typer.Option(callback=folder_to_write, help="Folder for the weights.")],
    minutes: Annotated[float, typer.Option(min=0.01, help="How long to learn, once the corpus is read.")] = 20.0,
    start: Annotated[str, typer.Option("--from", help="Weights to go on from, by name, folder or file.")] = "",
    threads: Annotated[int, typer.Option(min=1)] = 1,
    seed: Seed = 1,
) -> None:
    """Train a humaniser on folders of performances; some pieces are held out to measure on."""
    need_torch("training")
    from models.performers.humaniser.evaluation import surprise
    from models.performers.humaniser.training import PLAN, Lesson, load_humaniser, save_humaniser, trained
    from models.performers.training.training import Progress

    learnt, held_out = _copies(corpus, held_out=False), _copies(corpus, held_out=True)
    lessons = [Lesson.of(copy) for _, copy in learnt]
    begun = load_humaniser(weights_path(start)) if start else None
    with progress(console) as bar:
        task = bar.add_task(f"{len(lessons)} stretches that keep a beat", total=minutes * 60)

        def report(now: Progress) -> None:
            said = f"step {now.step}: {now.training_nats / math.log(2):.3f} bits per note"
            bar.update(task, completed=now.worked_s, description=said)

        network = trained(lessons, replace(PLAN, minutes=minutes, seed=seed), threads, report, begun)
    found = surprise(network, [copy for _, copy in held_out])
    save_humaniser(out / FILE_NAME, network, found)
    console.print(f"held out: {found.timing:.3f} bits of timing and {found.velocity:.3f} of velocity per note")
    console.print(f"weights in {out / FILE_NAME}")


@humaniser.command()
def evaluate(
    corpus: Corpora,
    weights: Weights = "humaniser",
    learnt_from: LearntFrom = [],  # noqa: B006
    sheet: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="PNG of one passage, played in every way.")
    ] = None,
    seed: Seed = 1,
) -> None:
    """How near to people's playing on pieces that were held out: bits per note, told apart, and the beat."""
    need_torch("measuring")
    from models.performers.humaniser.evaluation import sides, surprises
    from models.performers.humaniser.humaniser import Humaniser
    from models.performers.humaniser.pictures import draw_ways
    from models.performers.humaniser.training import load_humaniser

    path, held_out = weights_path(weights), _copies(corpus, held_out=True)
    learnt = _copies(learnt_from or corpus, held_out=False)
    bits = Table(Column(no_wrap=True), "timing", "velocity", title="bits per note")
    for name, found in surprises(load_humaniser(path), [c for _, c in learnt], [c for _, c in held_out]).items():
        bits.add_row(name, f"{found.timing:.3f}", f"{found.velocity:.3f}")
    console.print(bits)
    player = Humaniser(path)
    if sheet is not None:
        draw_ways(player, held_out[0][1], ready(sheet), seed)
    if (pieces := len({name for name, _ in held_out})) < FEWEST_PIECES:
        console.print(f"too few pieces to tell apart: {pieces} held out, expected {FEWEST_PIECES}", style="yellow")
        return
    table: Table | None = None
    for side in sides(player, held_out, seed):
        areas = side.telling.by_group
        title = "area under the curve, told from people"
        table = table or Table(Column(no_wrap=True), "all", *areas, "steadiness", title=title)
        row = (side.telling.auc, *areas.values())
        table.add_row(side.name, *(f"{area:.3f}" for area in row), f"{side.steadiness:.2f}")
    console.print(table)


def _copies(folders: list[Path], held_out: bool) -> list[tuple[str, QuantisedCopy]]:
    """Quantised copies of the performances that are held out, or of the others, each with its piece's name."""
    return list(_found(folders, held_out))


def _found(folders: list[Path], held_out: bool) -> Iterator[tuple[str, QuantisedCopy]]:
    from models.performers.corpus.held_out import split
    from models.performers.corpus.midi_corpus import read_corpus
    from models.performers.humaniser.quantised_copy import copies

    for folder in folders:
        performances, skipped = read_corpus(folder)
        say_skipped(skipped, ())
        for performance in split(performances)[held_out]:
            for copy in copies(performance.phrase):
                yield performance.name, copy

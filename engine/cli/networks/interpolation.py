"""`interpolation`: a passage turns into another: trained, put to use and measured.

Torch is imported inside the commands that train or measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from rich.table import Column, Table

from engine.cli.networks.phrases import Corpora, say_skipped
from engine.cli.terminal.need_torch import need_torch
from engine.cli.terminal.output_paths import file_to_write, folder_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import Seed
from engine.errors import MidiError
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Phrase
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from models.common.weights import FILE_NAME, weights_path

if TYPE_CHECKING:
    from models.performers.interpolation.passage import Passage

console = plain_console()
FEWEST_PIECES = 10
"""Two for each fold of the classifier."""
interpolation = typer.Typer(no_args_is_help=True, help="Two bars turn into two others.")

Weights = Annotated[str, typer.Option(help="Name, or a folder or file of weights.")]


@interpolation.command()
def turn(
    one: Annotated[Path, typer.Argument(help="MIDI file whose first two bars it begins with.")],
    other: Annotated[Path, typer.Argument(help="MIDI file whose first two bars it ends with.")],
    out: Annotated[Path, typer.Option(callback=file_to_write, help="MIDI file to write.")],
    steps: Annotated[int, typer.Option(min=2, max=64, help="Passages, both ends included.")] = 8,
    mood: Annotated[str, typer.Option(help="What lies between is brought into this mood's scale.")] = "",
    sheet: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="PNG with a piano roll of each passage.")
    ] = None,
    weights: Weights = "interpolation",
) -> None:
    """Turn the first two bars of one MIDI file into those of another; the ends are as they were."""
    from models.performers.interpolation.interpolation import Interpolation, in_a_row
    from models.performers.interpolation.pictures import draw_steps

    scale = Scale.from_settings(load_mood(mood).scale) if mood else None
    found = Interpolation(weights_path(weights)).steps(_first(one), _first(other), steps, scale)
    write_phrase(ready(out), Phrase(in_a_row(found)))
    console.print(f"{out}: {len(found)} passages, {sum(p.length_s for p in found):.1f} s")
    if sheet is not None:
        draw_steps({one.stem: found}, ready(sheet))


def _first(path: Path) -> Passage:
    from models.performers.interpolation.passage import passages

    contents = read_performance(path)
    say_skipped((), contents.remarks)
    found = [passage for _, passage in passages(contents.phrase.notes) if passage.notes]
    if not found:
        raise MidiError(f"{path}: holds no notes; expected two bars of piano")
    return found[0]


@interpolation.command()
def train(
    corpus: Corpora,
    out: Annotated[Path, typer.Option(callback=folder_to_write, help="Folder for the weights.")],
    minutes: Annotated[float, typer.Option(min=0.01, help="How long to learn, once the corpus is read.")] = 20.0,
    start: Annotated[str, typer.Option("--from", help="Weights to go on from, by name, folder or file.")] = "",
    threads: Annotated[int, typer.Option(min=1)] = 1,
    seed: Seed = 1,
) -> None:
    """Train the autoencoder on folders of performances and scores; some pieces are held out to measure on."""
    need_torch("training")
    from models.performers.interpolation.training import (
        PLAN,
        held_out_nats,
        load_interpolation,
        packed,
        save_interpolation,
        trained,
    )
    from models.performers.training.training import Progress

    learnt, held_out = (packed(p for _, p in _passages(corpus, held_out=which)) for which in (False, True))
    begun = load_interpolation(weights_path(start)) if start else None
    with progress(console) as bar:
        task = bar.add_task(f"{len(learnt)} passages", total=minutes * 60)

        def report(now: Progress) -> None:
            said = f"step {now.step}: {now.training_nats:.1f} nats per passage"
            bar.update(task, completed=now.worked_s, description=said)

        network = trained(learnt, replace(PLAN, minutes=minutes, seed=seed), threads, report, begun)
    nats = held_out_nats(network, held_out)
    save_interpolation(out / FILE_NAME, network, nats)
    console.print(f"held out: {nats:.1f} nats per passage; weights in {out / FILE_NAME}")


@interpolation.command()
def evaluate(
    corpus: Corpora,
    weights: Weights = "interpolation",
    pairs: Annotated[int, typer.Option(min=4, help="Pairs of passages.")] = 100,
    sheet: Annotated[
        Path | None,
        typer.Option(callback=file_to_write, help="PNG of one way, beside a crossfade and notes at random."),
    ] = None,
    seed: Seed = 1,
) -> None:
    """Measure on held-out pieces: what a code remembers, how even the way is, how like music its middle."""
    need_torch("measuring")

    from models.performers.interpolation.evaluation import recall, recall_of_any, road, ways
    from models.performers.interpolation.interpolation import Interpolation
    from models.performers.interpolation.pictures import draw_steps

    network, held_out = Interpolation(weights_path(weights)), list(_passages(corpus, held_out=True))
    material = [passage for _, passage in held_out]
    struck = [passage.tables()[0].astype(np.float64) for _, passage in _passages(corpus, held_out=False)]
    any_passage = np.asarray(np.sum(struck, axis=0), np.float64)
    console.print(f"notes struck again from the code: {recall(network, material):.3f} (F-measure)")
    console.print(f"the likeliest notes of any passage: {recall_of_any(any_passage, material):.3f}")
    if (pieces := len({name for name, _ in held_out})) < FEWEST_PIECES:
        console.print(f"too few pieces to tell apart: {pieces} held out, expected {FEWEST_PIECES}", style="yellow")
        return
    table: Table | None = None
    for way in ways(network, held_out, pairs, seed):
        areas = way.telling.by_group
        title = "distance of steps; their middle told from people"
        table = table or Table(Column(no_wrap=True), "step", "largest step", "all", *areas, title=title)
        row = (way.step, way.largest_step, way.telling.auc, *areas.values())
        table.add_row(way.name, *(f"{value:.3f}" for value in row))
    console.print(table)
    if sheet is not None:
        draw_steps(road(network, held_out, seed), ready(sheet))


def _passages(folders: list[Path], held_out: bool) -> Iterator[tuple[str, Passage]]:
    """Passages of the pieces that are held out, or of the others, each with its piece's name."""
    from models.performers.corpus.held_out import split
    from models.performers.corpus.midi_corpus import read_corpus
    from models.performers.interpolation.training import cut

    for folder in folders:
        performances, skipped = read_corpus(folder)
        say_skipped(skipped, ())
        for performance in split(performances)[held_out]:
            for passage in cut([performance.phrase]):
                yield performance.name, passage

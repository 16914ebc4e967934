"""`train`, `evaluate`, `phrases`, `models`: performers from folders of MIDI, and how good they are.

Torch is imported inside the commands that train or evaluate, so that all other commands start without it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from engine.errors import AmeublementError
from engine.midi_files import write_phrase
from engine.moods import load_mood
from engine.notes import Phrase
from engine.scale import Scale
from models.weight_files import FILE_NAME, WEIGHTS_FOLDER, content_hash, load_weights, weights_path

if TYPE_CHECKING:
    from models.midi_corpus import Skipped
    from models.performer import Wishes
    from models.training import Progress as TrainingProgress

console = Console()

phrases = typer.Typer(no_args_is_help=True, help="Draw phrases from a performer and look at them.")
models = typer.Typer(no_args_is_help=True, help="What networks there are.")


class Network(StrEnum):
    PERFORMANCE_RNN = "performance_rnn"
    PIANO_TRANSFORMER = "piano_transformer"


PRETRAINED = {Network.PERFORMANCE_RNN: "rolls", Network.PIANO_TRANSFORMER: "rolls_transformer"}
"""The performer of each kind that learnt from the rolls alone."""


WhichNetwork = Annotated[Network, typer.Argument(help="Which network.")]
Corpora = Annotated[list[Path], typer.Option("--corpus", help="Folder of MIDI files; may be given several times.")]


def train(
    corpus: Corpora,
    out: Annotated[Path, typer.Option(help="Folder for weights, checkpoint and losses, e.g. models/weights/mine.")],
    network: WhichNetwork = Network.PERFORMANCE_RNN,
    share: Annotated[list[float], typer.Option(help="How much is taken from each corpus.")] = [],  # noqa: B006
    start: Annotated[str, typer.Option("--from", help="Performer to start from, e.g. rolls or satie.")] = "",
    minutes: Annotated[float, typer.Option(min=0.01, help="Working time, all continuations together.")] = 60.0,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-6, max=0.1, help="At its highest; the network's own if not given.")
    ] = None,
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9)] = 0.0,
    keep_out: Annotated[bool, typer.Option(help="Hold some pieces out to measure on.")] = True,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    seed: int = 1,
) -> None:
    """Train a performer on folders of anybody's MIDI. Interrupt it any time: the same command goes on from there."""
    from models.networks import KINDS, new_network
    from models.pictures import draw_losses
    from models.training import Trainer
    from models.training_set import training_set

    material = training_set(corpus, share or [1.0] * len(corpus), seed, keep_out)
    _say_skipped(material.skipped)
    about = f"{len(material.pieces)} pieces to learn, {len(material.held_out)} to measure on"
    console.print(f"{material.files} files, {about}")
    usual = KINDS[network].plan
    plan = replace(usual, minutes=minutes, learning_rate=learning_rate or usual.learning_rate, seed=seed)
    begun = new_network(network, weights_path(start) if start else None, dropout, threads, seed)
    trainer = Trainer(out, plan, KINDS[network].learner(begun, plan.learning_rate))
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("training", total=minutes * 60)

        def report(progress: TrainingProgress) -> None:
            losses = f"{progress.training_nats:.3f} nats, held out {progress.held_out_nats:.3f}"
            bar.update(task, completed=progress.worked_s, description=f"{progress.events:,} events, {losses}")

        trainer.train(material.pieces, material.weights, material.held_out, report)
    draw_losses(out / "losses.csv", out / "losses.png")
    console.print(f"weights in {out / FILE_NAME}; a mood plays them with `performer: {{name: {out.name}}}`")


def evaluate(
    corpus: Corpora,
    network: WhichNetwork = Network.PERFORMANCE_RNN,
    weights: Annotated[
        str, typer.Option(help="Performer name, or a folder or file of weights; else what learnt from the rolls.")
    ] = "",
    baseline: Annotated[list[Path], typer.Option(help="Corpus to fit an n-gram on, to compare with.")] = [],  # noqa: B006
    touch: Annotated[bool, typer.Option(help="Give deadpan scores a pianist's touch first.")] = False,
    conditioned: Annotated[bool, typer.Option(help="Tell the network density and pitch classes ahead.")] = False,
) -> None:
    """Print nats per event of a performer on MIDI it has not seen."""
    from models.baselines import NGram
    from models.held_out import evaluate as measure
    from models.midi_corpus import read_corpus
    from models.networks import new_network
    from models.training_set import rendered

    pieces: list[Phrase] = []
    skipped: list[Skipped] = []
    for folder in corpus:
        performances, left_out = read_corpus(folder)
        pieces += [rendered(p.phrase, 1, 1)[0] if touch else p.phrase for p in performances]
        skipped += left_out
    _say_skipped(skipped)
    weights = weights or PRETRAINED[network]
    score = measure(new_network(network, weights_path(weights)), pieces, conditioned=conditioned)
    rows = [(weights, score.nats_per_event)]
    if baseline:
        known = [p.phrase for folder in baseline for p in read_corpus(folder)[0]]
        rows.append(("n-gram (3)", NGram(3).fit(known).score(pieces).nats_per_event))
        rows.append(("untrained", measure(new_network(network, None), pieces).nats_per_event))
    for name, nats in rows:
        console.print(f"{name}: {nats:.4f} nats per event")
    console.print(f"{score.events} events, {score.pieces} pieces, {len(skipped)} files skipped")


@phrases.command("draw")
def draw_phrases(
    performer: Annotated[str, typer.Option(help="Performer name, or a folder of weights.")] = "satie",
    count: Annotated[int, typer.Option(min=1, max=500)] = 8,
    seed: int = 1,
    primer: Annotated[Path | None, typer.Option(help="MIDI file whose end the phrases continue.")] = None,
    mood: Annotated[str, typer.Option(help="Take temperature, density, length and scale from this mood.")] = "",
    sheet: Annotated[Path | None, typer.Option(help="PNG with a piano roll of each.")] = None,
    midi: Annotated[Path | None, typer.Option(help="Folder for a MIDI file of each.")] = None,
) -> None:
    """Draw phrases as the network plays them, before scale and arranger."""
    from models.performer import Performer
    from models.pictures import draw_phrases as draw_sheet

    wishes = replace(_wishes(mood), primer=_primer(primer))
    pianist = Performer(performer, weights_path(performer))
    drawn = [pianist.draw(seed + index, wishes) for index in range(count)]
    for index, phrase in enumerate(drawn):
        console.print(f"{seed + index}: {len(phrase.notes)} notes, {phrase.length_s:.1f} s")
        if midi is not None:
            midi.mkdir(parents=True, exist_ok=True)
            write_phrase(midi / f"{re.sub(r'[^A-Za-z0-9_-]', '_', Path(performer).name)}-{seed + index}.mid", phrase)
    if sheet is not None:
        sheet.parent.mkdir(parents=True, exist_ok=True)
        draw_sheet(drawn, sheet, [f"{performer} {seed + index}" for index in range(count)])


def _primer(path: Path | None) -> Phrase:
    from models.midi_corpus import read_performance

    return Phrase(()) if path is None else read_performance(path)


def _wishes(mood: str) -> Wishes:
    from models.performer import Wishes

    if not mood:
        return Wishes()
    settings = load_mood(mood)
    asked = settings.performer
    weights = Scale.from_settings(settings.scale).pitch_class_weights(asked.scale_weight)
    return Wishes(asked.phrase_s, asked.temperature, asked.top_p, 0, asked.density_notes_per_s, weights)


@models.command("card")
def write_card(
    performer: Annotated[str, typer.Argument(help="Performer name, or a folder of weights.")],
    corpus: Corpora,
    about: Annotated[Path, typer.Option(help="Markdown with what figures do not say: data, licences, advice.")],
) -> None:
    """Measure a performer and write card.md beside its weights; takes some minutes."""
    from models.model_card import card
    from models.training_set import training_set

    weights = weights_path(performer)
    material = training_set(corpus, [1.0] * len(corpus), seed=1)
    text = card(Path(performer).name, weights, about.read_text("utf-8"), material.pieces, material.held_out)
    (weights.parent / "card.md").write_text(text, "utf-8")
    console.print(f"written: {weights.parent / 'card.md'}")


@models.command("list")
def list_models() -> None:
    """List the performers and networks with what their weights say of themselves."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "network", "MB", "events learnt", "held-out loss", "hash"):
        table.add_column(heading)
    for path in sorted(WEIGHTS_FOLDER.glob(f"*/{FILE_NAME}")):
        table.add_row(*_model_row(path))
    console.print(table)


def _model_row(path: Path) -> list[str]:
    try:
        _, about = load_weights(path, *Network)
    except AmeublementError as error:
        return [path.parent.name, str(error), "", "", "", ""]
    size, nats = f"{path.stat().st_size / 1e6:.1f}", about["held_out_nats_per_event"]
    return [path.parent.name, about["network"], size, about["events"], nats, content_hash(path)]


def _say_skipped(skipped: list[Skipped]) -> None:
    for item in skipped:
        console.print(f"[yellow]skipped[/] {item.why}")

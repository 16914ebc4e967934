"""`train`, `evaluate`, `phrases`, `models`: performers from folders of MIDI, and how good they are.

Torch is imported inside the commands that train or evaluate, so that all other commands start without it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from engine.cli.terminal.need_torch import need_torch
from engine.cli.terminal.output_paths import file_to_write, folder_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import Seed
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Phrase
from engine.music.phrases.traits import traits_of
from engine.music.scale import Scale
from engine.parameters.moods import load_mood
from engine.parameters.sound import SoundSettings
from models.common.card_header import CARD
from models.common.weights import FILE_NAME, weights_path

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from models.performers.corpus.held_out import Score
    from models.performers.corpus.midi_corpus import Skipped
    from models.performers.drawing.performer import Conditioning
    from models.performers.drawing.rejection_sampling import Kept
    from models.performers.training.eras import Eras
    from models.performers.training.training import Progress as TrainingProgress
    from models.performers.training.training import Trainer

console = plain_console()
SILENCE = Phrase(())
LOSSES = "losses.csv"
RECURRING = 0.3
"""Enough to learn to look back, and little enough not to expect that everything returns."""

phrases = typer.Typer(no_args_is_help=True, help="Draw phrases from a performer and look at them.")
models = typer.Typer(no_args_is_help=True, help="What networks there are.")


Unasked = Annotated[
    bool, typer.Option("--unasked", help="Ask for nothing: neither density nor scale nor beat; how it plays by itself.")
]


class Network(StrEnum):
    PERFORMANCE_RNN = "performance_rnn"
    PIANO_TRANSFORMER = "piano_transformer"


PRETRAINED = {Network.PERFORMANCE_RNN: "rolls", Network.PIANO_TRANSFORMER: "rolls_transformer"}
"""The performer of each kind that learnt from the rolls alone."""


WhichNetwork = Annotated[Network, typer.Argument(help="Which network.")]
Corpora = Annotated[list[Path], typer.Option("--corpus", help="Folder of MIDI files; may be given several times.")]

Recurring = Annotated[
    float, typer.Option(min=0.0, max=0.9, help="Share of a Transformer's windows in which passages return.")
]
AIM = "For its critic: so many times as steady as people it is aimed to play, where it does not become as steady."
ByHeart = Annotated[
    bool, typer.Option("--by-heart", help="A small Transformer that overfits a small book on purpose, in its keys.")
]

NetworkFolder = Annotated[
    Path,
    typer.Option(callback=folder_to_write, help="Folder for weights, checkpoint and losses, e.g. models/weights/mine."),
]
Threads = Annotated[int | None, typer.Option(min=1, help="Two, or fewer where torch is told to have fewer.")]


def train(
    corpus: Corpora,
    out: NetworkFolder,
    network: WhichNetwork = Network.PERFORMANCE_RNN,
    share: Annotated[list[float], typer.Option(help="How much is taken from each corpus.")] = [],  # noqa: B006
    start: Annotated[str, typer.Option("--from", help="Performer to start from, e.g. rolls or satie.")] = "",
    minutes: Annotated[float, typer.Option(min=0.01, help="Working time, all continuations together.")] = 60.0,
    learning_rate: Annotated[
        float | None, typer.Option(min=1e-6, max=0.1, help="At its highest; the network's own if not given.")
    ] = None,
    dropout: Annotated[float, typer.Option(min=0.0, max=0.9)] = 0.0,
    recurring: Recurring = RECURRING,
    keep_out: Annotated[bool, typer.Option(help="Hold some pieces out to measure on.")] = True,
    by_heart: ByHeart = False,
    threads: Threads = None,
    eras: Annotated[bool, typer.Option(help="Keep what it was early and midway too, to play as NAME/early.")] = False,
    licence: Annotated[str, typer.Option(help="For the card: under which licence the corpora are.")] = "not stated",
    seed: Seed = 1,
) -> None:
    """Train a performer on folders of anybody's MIDI. Interrupt it any time: the same command goes on from there."""
    need_torch("training")
    if by_heart and (network != Network.PIANO_TRANSFORMER or start):
        raise typer.BadParameter("--by-heart makes a piano_transformer of its own; leave out --from")
    from models.performers.corpus.corpus_streams import Augmentation, by_heart_augmentation
    from models.performers.corpus.training_set import training_set
    from models.performers.evaluation.own_card import write_own_card
    from models.performers.evaluation.pictures import draw_losses
    from models.performers.evaluation.quality_report import Material
    from models.performers.networks.transformer_sizes import BY_HEART
    from models.performers.training.eras import Eras
    from models.performers.training.kinds import KINDS, new_network
    from models.performers.training.piano_transformer import learner_by_heart
    from models.performers.training.training import Trainer

    keep_out = keep_out and not by_heart
    material = training_set(corpus, share or [1.0] * len(corpus), seed, keep_out)
    say_skipped(material.skipped, material.remarks)
    console.print(f"{material.files} files: {len(material.pieces)} pieces, {len(material.held_out)} to measure on")
    usual = KINDS[network].plan
    plan = replace(usual, minutes=minutes, learning_rate=learning_rate or usual.learning_rate, seed=seed)
    before = weights_path(start) if start else None
    begun = new_network(network, before, dropout, threads, seed, BY_HEART if by_heart else None)
    moved = by_heart_augmentation() if by_heart else Augmentation(recurring=recurring)
    learner = learner_by_heart if by_heart else KINDS[network].learner
    trainer = Trainer(out, plan, learner(begun, plan.learning_rate), moved)
    keeper = Eras(out, minutes * 60) if eras else None
    with progress(console) as bar:
        task = bar.add_task("training", total=minutes * 60)
        try:
            report = _reporting(bar, task, keeper, trainer)
            trainer.train(material.pieces, material.weights, material.held_out, report)
        except KeyboardInterrupt:
            console.print("stopped; the same command goes on from here")
    if (out / LOSSES).exists():
        draw_losses(out / LOSSES, out / "losses.png")
    console.print("measuring what it plays …")
    learnt = Material(material.pieces, material.weights, material.held_out, keep_out)
    write_own_card(out, learnt, corpus, start, licence, by_heart)
    console.print(f"weights in {out / FILE_NAME}, what they are worth in {out / CARD}")
    console.print(f"a mood plays them with `performer: {{name: {out.name}}}`")


def _reporting(bar: Bar, task: TaskID, keeper: Eras | None, trainer: Trainer) -> Callable[[TrainingProgress], None]:
    """What is told of a training while it goes on, and what is kept of it on the way."""

    def report(progress: TrainingProgress) -> None:
        losses = f"{progress.training_nats:.3f} nats, held out {progress.held_out_nats:.3f}"
        bar.update(task, completed=progress.worked_s, description=f"{progress.events:,} events, {losses}")
        if keeper is not None:
            keeper.look(progress.worked_s, trainer.save)

    return report


def evaluate(
    corpus: Corpora,
    network: WhichNetwork = Network.PERFORMANCE_RNN,
    weights: Annotated[
        str, typer.Option(help="Performer name, or a folder or file of weights; else what learnt from the rolls.")
    ] = "",
    baseline: Annotated[list[Path], typer.Option(help="Corpus to fit an n-gram on, to compare with.")] = [],  # noqa: B006
    touch: Annotated[bool, typer.Option(help="Give deadpan scores a pianist's touch first.")] = False,
    conditioned: Annotated[bool, typer.Option(help="Tell the network density and pitch classes ahead.")] = False,
    first: Annotated[int | None, typer.Option(min=1, help="Only so many events from the start of each piece.")] = None,
    threads: Threads = None,
) -> None:
    """Print nats per event of a performer on MIDI it has not seen."""
    need_torch("evaluating")
    from models.common.devices import bf16_is_fast
    from models.performers.corpus.corpus_streams import piece_events
    from models.performers.corpus.held_out import evaluate as measure
    from models.performers.corpus.midi_corpus import read_corpus
    from models.performers.corpus.training_set import rendered
    from models.performers.evaluation.baselines import NGram
    from models.performers.training.kinds import KINDS, new_network

    pieces: list[Phrase] = []
    skipped: list[Skipped] = []
    remarks: list[str] = []
    for folder in corpus:
        performances, left_out = read_corpus(folder)
        pieces += [rendered(p.phrase, 1, 1)[0] if touch else p.phrase for p in performances]
        skipped += left_out
        remarks += [remark for p in performances for remark in p.remarks]
    say_skipped(skipped, remarks)
    weights = weights or PRETRAINED[network]
    longest = sum(len(piece_events(piece)[1 : first and first + 1]) for piece in pieces)
    bf16 = KINDS[network].measured_in_bf16 and bf16_is_fast()

    def score_of(name: str, from_file: Path | None) -> Score:
        heard = new_network(network, from_file, threads=threads)
        with progress(console) as bar:
            task = bar.add_task(f"{name} reads {longest:,} events", total=longest)
            return measure(heard, pieces, first, conditioned, lambda events: bar.advance(task, events), bf16)

    score = score_of(weights, weights_path(weights))
    rows = [(weights, score.nats_per_event)]
    if baseline:
        known = [p.phrase for folder in baseline for p in read_corpus(folder)[0]]
        rows.append(("n-gram (3)", NGram(3).fit(known).score(pieces).nats_per_event))
        rows.append(("untrained", score_of("untrained", None).nats_per_event))
    for name, nats in rows:
        console.print(f"{name}: {nats:.4f} nats per event")
    console.print(f"{score.events} events, {score.pieces} pieces, {len(skipped)} files skipped")


@phrases.command("draw")
def draw_phrases(
    performer: Annotated[str, typer.Option(help="Performer name, or a folder of weights.")] = "satie",
    count: Annotated[int, typer.Option(min=1, max=500)] = 8,
    seed: Seed = 1,
    primer: Annotated[Path | None, typer.Option(help="MIDI file whose end the phrases continue.")] = None,
    mood: Annotated[str, typer.Option(help="Take temperature, density, length and scale from this mood.")] = "",
    unasked: Unasked = False,
    sheet: Annotated[Path | None, typer.Option(callback=file_to_write, help="PNG with a piano roll of each.")] = None,
    midi: Annotated[Path | None, typer.Option(callback=folder_to_write, help="Folder for a MIDI file of each.")] = None,
) -> None:
    """Draw phrases as the room gets them, before scale and arranger: what the filter refuses is drawn again."""
    from models.performers.evaluation.pictures import draw_phrases as draw_sheet

    drawn = list(_kept_phrases(performer, seed, count, mood, unasked, _primer(primer)))
    kept = [(number, found.phrase) for number, found in drawn if found.phrase is not None]
    for number, found in drawn:
        console.print(f"{number}: {_about_phrase(found)}")
    if midi is not None:
        name = re.sub(r"[^A-Za-z0-9_-]", "_", Path(performer).name)
        for number, phrase in kept:
            write_phrase(ready(midi / f"{name}-{number}.mid"), phrase)
    if sheet is not None:
        draw_sheet([phrase for _, phrase in kept], ready(sheet), [f"{performer} {number}" for number, _ in kept])


def _primer(path: Path | None) -> Phrase:
    if path is None:
        return SILENCE
    contents = read_performance(path)
    say_skipped((), contents.remarks)
    return contents.phrase


@phrases.command("check")
def check_phrases(
    performer: Annotated[str, typer.Option(help="Performer name, or a folder of weights.")] = "satie",
    count: Annotated[int, typer.Option(min=1, max=10_000)] = 200,
    seed: Seed = 1,
    mood: Annotated[str, typer.Option(help="Take temperature, density, length and scale from this mood.")] = "",
) -> None:
    """Draw many phrases and count what should never be: empty ones, hanging notes, wrong lengths, long quotations."""
    from models.performers.evaluation.phrase_check import faults

    conditioning, limit = conditioning_of_mood(mood)
    wrong: Counter[str] = Counter()
    quoted, redrawn = 0, 0
    for _, found in _kept_phrases(performer, seed, count, mood):
        wrong.update(faults(found, conditioning.phrase_s, limit))
        quoted, redrawn = max(quoted, found.quoted_notes), redrawn + len(found.refused)
    console.print(f"{performer}: {count} phrases of {conditioning.phrase_s:g} s, {redrawn} drawings refused on the way")
    console.print(f"longest quotation {quoted} notes, allowed {limit}")
    console.print(f"wrong: {', '.join(f'{what} {n}' for what, n in wrong.items()) or 'nothing'}")
    if wrong:
        raise typer.Exit(1)


def _kept_phrases(
    performer: str, seed: int, count: int, mood: str, unasked: bool = False, primer: Phrase = SILENCE
) -> Iterator[tuple[int, Kept]]:
    """(seed, what came of it) of `count` phrases."""
    from models.performers.criticism.critic import FILE_NAME as CRITIC
    from models.performers.criticism.critic import UNASKED_FILE_NAME, Critic
    from models.performers.drawing.performer import Performer
    from models.performers.drawing.rejection_sampling import draw_kept
    from models.performers.drawing.unasked import unasked_beside
    from models.performers.quotation.quotation import Quotations

    if unasked and mood:
        raise typer.BadParameter(f"--unasked asks for nothing, and --mood {mood} for something; leave one out")
    conditioning, limit = conditioning_of_mood(mood)
    weights = weights_path(performer)
    conditioning = replace(unasked_beside(weights) if unasked else conditioning, primer=primer)
    critic = Critic.beside(weights, UNASKED_FILE_NAME if unasked else CRITIC)
    pianist, quotations = Performer(performer, weights), Quotations.beside(weights)
    for number in range(seed, seed + count):
        yield number, draw_kept(pianist, number, conditioning, quotations, limit, critic=critic)


def _about_phrase(kept: Kept) -> str:
    """A line on a phrase for people."""
    before = f"; refused before: {'; '.join(kept.refused)}" if kept.refused else ""
    if kept.phrase is None:
        return f"nothing worth keeping{before}"
    traits = traits_of(kept.phrase.notes)
    about = (
        f"{len(kept.phrase.notes)} notes, {kept.phrase.length_s:.1f} s, {traits.key.name} ({traits.key.confidence:.1f})"
    )
    return f"{about}, {traits.density_notes_per_s:.1f} notes/s, quotes {kept.quoted_notes}{before}"


def conditioning_of_mood(mood: str) -> tuple[Conditioning, int]:
    """What a mood asks for, or the defaults of all moods without their scale and beat, and the quotation it allows."""
    from models.performers.drawing.performer import Conditioning

    settings = load_mood(mood) if mood else SoundSettings()
    asked = settings.performer
    weights = Scale.from_settings(settings.scale).pitch_class_weights(asked.scale_weight) if mood else None
    beat = asked.beat or None if mood else None
    conditioning = Conditioning(
        asked.phrase_s, asked.temperature, asked.top_p, 0, asked.density_notes_per_s, weights, beat=beat
    )
    return conditioning, asked.quotation_notes


@models.command("card")
def write_card(
    performer: Annotated[str, typer.Argument(help="Performer name, or a folder of weights.")],
    corpus: Corpora,
    about: Annotated[
        Path | None, typer.Option(help="Markdown with what figures do not say; else what the card says already.")
    ] = None,
    share: Annotated[list[float], typer.Option(help="How much was taken from each corpus.")] = [],  # noqa: B006
    keep_out: Annotated[bool, typer.Option(help="Some pieces of the corpora were held out of training.")] = True,
    count: Annotated[int, typer.Option("--phrases", min=12, max=1_000, help="So many are drawn to measure.")] = 200,
    critic: Annotated[bool, typer.Option(help="Learn a critic from these phrases; else the present one stays.")] = True,
    aim: Annotated[float, typer.Option(min=0.5, max=2.0, help=AIM)] = 1.0,
    index: Annotated[
        bool, typer.Option(help="Write index of quotations, lengths of notes and dequantiser; else the present stay.")
    ] = True,
) -> None:
    """Measure a performer and write its card and its index of quotations; takes some minutes."""
    need_torch("measuring a performer")
    from models.performers.corpus.training_set import training_set
    from models.performers.evaluation.model_card import write_card as write
    from models.performers.evaluation.quality_report import Material

    weights = weights_path(performer)
    found = training_set(corpus, share or [1.0] * len(corpus), 1, keep_out)
    say_skipped(found.skipped, found.remarks)
    material = Material(found.pieces, found.weights, found.held_out, keep_out)
    write(Path(performer).name, weights, material, about, count, critic, aim, index)
    console.print(f"written: {weights.parent / CARD}")


@models.command("list")
def list_models() -> None:
    """List performers and texture networks: size, eras, losses, data and licence, as their cards have them."""
    from models.model_list import rows

    for name, network, megabytes, loss, weights, data, licence in rows():
        figures = f"{network}, {megabytes} MB, {loss}, weights {weights}"
        console.print(Text.assemble((name, "bold"), f": {figures}"))
        console.print(Padding(f"learnt from: {data}\nlicence: {licence}", (0, 0, 0, 4)), highlight=False)


def say_skipped(skipped: Sequence[Skipped], remarks: Sequence[str]) -> None:
    for item in skipped:
        console.print(f"skipped: {item.why}", style="yellow", soft_wrap=True)
    for remark in remarks:
        console.print(f"lost: {remark}", style="yellow", soft_wrap=True)

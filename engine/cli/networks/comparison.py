"""`phrases compare` and `phrases recall`: a performer beside people, and whether it remembers what it has heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track
from rich.table import Table

from engine.cli.networks.phrases import Corpora, conditioning_of_mood, say_skipped
from engine.cli.terminal.need_torch import need_torch
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.seeds import Seed
from models.common.weights import weights_path

if TYPE_CHECKING:
    from models.performers.corpus.midi_corpus import Performance
    from models.performers.evaluation.comparison import Side

console = plain_console()

SHARES = "How much is taken from each corpus; else as many excerpts of each piece."
TOUCH = "Give deadpan scores a pianist's touch first, as in training."

Performers = Annotated[list[str], typer.Option("--performer", help="Performer name, or a folder; several times.")]


def compare(
    corpus: Corpora,
    performer: Performers,
    count: Annotated[int, typer.Option(min=30, max=2_000, help="Excerpts of each kind.")] = 150,
    mood: Annotated[str, typer.Option(help="What a room asks for; else the defaults of all moods.")] = "",
    touch: Annotated[bool, typer.Option(help=TOUCH)] = False,
    share: Annotated[list[float], typer.Option(help=SHARES)] = [],  # noqa: B006
    seed: Seed = 1,
) -> None:
    """Tell performers from people by a fresh classifier, with people against people as the control.

    Unasked is what `phrases draw --unasked` draws, as a room draws what `phrases draw` does. Folds are by piece. The
    area under the curve is 0.5 where nothing gives a performer away and 1.0 where it always is known. Steadiness of the
    beat stands beside it.
    """
    from models.performers.corpus.training_set import check_shares
    from models.performers.criticism.critic import UNASKED_FILE_NAME, Critic
    from models.performers.drawing.performer import Performer
    from models.performers.drawing.unasked import unasked_beside
    from models.performers.evaluation.comparison import Asking
    from models.performers.evaluation.comparison import compare as measure
    from models.performers.quotation.quotation import Quotations

    if share:
        check_shares(share, len(corpus))
    folders = [list(_performances([folder], touch)) for folder in corpus]
    people = [performance for folder in folders for performance in folder]
    taken = [part / len(folder) for part, folder in zip(share, folders, strict=False) for _ in folder]
    conditioning, limit = conditioning_of_mood(mood)
    for name in performer:
        weights = weights_path(name)
        askings = (
            Asking("unasked", unasked_beside(weights), Critic.beside(weights, UNASKED_FILE_NAME)),
            Asking("as a room draws", conditioning, Critic.beside(weights)),
        )
        performer_and_people = (Performer(name, weights), people, askings, Quotations.beside(weights), limit)

        def following(numbers: Iterable[int], name: str = name) -> Iterable[int]:
            return track(list(numbers), f"{name} draws", console=console)

        try:
            sides = measure(*performer_and_people, count, seed, following, taken or None)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        except ModuleNotFoundError as error:
            raise typer.BadParameter(f"needs {error.name}; install the extra `test` of this project") from error
        _show(name, sides)


def recall(
    corpus: Corpora,
    performer: Performers,
    passages: Annotated[int, typer.Option(min=2, max=1_000, help="Stretches of 12 s.")] = 40,
    touch: Annotated[bool, typer.Option(help=TOUCH)] = False,
    seed: Seed = 12,
) -> None:
    """Nats per event of passages heard for the first time, repeated at once, and after 12 s of other playing."""
    need_torch("the copy test")
    from models.performers.evaluation.copying import copying
    from models.performers.training.kinds import known_network

    pieces = [performance.phrase for performance in _performances(corpus, touch)]
    table = Table("", "first", "repeated at once", "after 12 s of other playing")
    for name in performer:
        found = copying(known_network(weights_path(name)), pieces, passages, seed)
        table.add_row(name, f"{found.first:.3f}", f"{found.at_once:.3f}", f"{found.later:.3f}")
    console.print(table)


def recognise(
    corpus: Corpora,
    performer: Performers,
    count: Annotated[int, typer.Option(min=2, max=2_000, help="Phrases of each performer.")] = 24,
    phrase_s: Annotated[float, typer.Option(min=6.0, max=60.0, help="Length of each.")] = 20.0,
    seed: Seed = 1,
) -> None:
    """Share of a performer's phrases in which passages of a book are known again, in any key and tempo.

    Meant for one that was trained `--by-heart`. Another performer beside it is the control.
    """
    from models.performers.drawing.performer import Conditioning, Performer
    from models.performers.quotation.quotation import Quotations
    from models.performers.quotation.recognition import RECOGNISED_NOTES, recognition

    book = Quotations.of(performance.phrase for performance in _performances(corpus))
    table = Table("", f"{RECOGNISED_NOTES} notes and more", "middle", "longest", "of all notes")
    for name in performer:
        player = Performer(name, weights_path(name))
        drawn = [player.draw(seed + number, Conditioning(phrase_s=phrase_s)) for number in range(count)]
        found = recognition([phrase for phrase in drawn if phrase.notes], book)
        table.add_row(
            name, f"{found.share:.0%}", f"{found.middle_notes:g}", f"{found.longest_notes}", f"{found.by_heart:.0%}"
        )
    console.print(table)


def _performances(folders: list[Path], touch: bool = False) -> Iterator[Performance]:
    """What is played in some folders; with a `touch`, each score as one rendering of it plays it."""
    from models.performers.corpus.midi_corpus import read_corpus
    from models.performers.corpus.training_set import rendered

    for folder in folders:
        performances, skipped = read_corpus(folder)
        say_skipped(skipped, [remark for performance in performances for remark in performance.remarks])
        for number, performance in enumerate(performances):
            yield replace(performance, phrase=rendered(performance.phrase, 1, number)[0]) if touch else performance


def _show(name: str, sides: list[Side]) -> None:
    groups = list(sides[0].telling.by_group)
    table = Table(name, "all", *groups, "steadiness", "highest tenth", "with a beat", title="area under the curve")
    for side in sides:
        telling, pulse = side.telling, side.pulse
        areas = [f"{area:.3f}" for area in (telling.auc, *telling.by_group.values())]
        table.add_row(side.name, *areas, f"{pulse.mean:.2f}", f"{pulse.highest_tenth:.2f}", f"{pulse.with_a_beat:.0%}")
    console.print(table)
    for side in sides[1:]:
        console.print(f"{side.name}: what gives it away (people → drawn, in standard deviations)")
        for feature, people, drawn, away in side.telling.telling:
            console.print(f"  {feature}: {people:.3f} → {drawn:.3f} ({away:.1f})", highlight=False)

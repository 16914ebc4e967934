"""`phrases conduct`: a stretch of a mood without sound, and what of it is new, returns, or is made by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import Seed
from engine.errors import WeightsError
from engine.music.notes import Phrase
from engine.music.phrases.store import FilePhraseStore, Request
from engine.parameters.moods import load_mood
from models.common.weights import weights_path

if TYPE_CHECKING:
    from models.performers.evaluation.conducted_hour import Heard

console = plain_console()


def conduct(
    mood: Annotated[list[str], typer.Option(help="Mood; may be given several times.")],
    minutes: Annotated[float, typer.Option(min=1.0, max=600.0, help="Of music; no sound is made.")] = 60.0,
    seed: Seed = 1,
    every: Annotated[bool, typer.Option("--every", help="Say of each score what it is.")] = False,
) -> None:
    """Let the conductor play a mood, as fast as can be, and count what returns, how varied, and what is made by rule.

    The sampler draws meanwhile, for as much processor time as the music lasts. How much of a theme a return keeps is
    the share of its melodic turns (four notes, in any key) that the theme had; by chance is the same beside others.
    Melody again is the share of a minute's melody that returns within it. Quoting is the share of scores whose piano
    quotes more notes of a performer's training set than the mood allows.
    """
    from models.performers.evaluation.conducted_hour import account

    heads = ("minutes", "scores", "returns", "of themes", "own words", "kept", "by chance", "by rule")
    name_whole = Column("mood", no_wrap=True)  # on a narrow terminal the heads give way
    table = Table(name_whole, *(Column(head, overflow="fold") for head in (*heads, "melody again", "quoting")))
    for name in mood:
        heard = _played(name, 60.0 * minutes, seed)
        for origin, count in Counter(score.origin for score in heard).items() if every else ():
            console.print(f"{name}: {origin}" + (f", {count} times" if count > 1 else ""), highlight=False)
        found = account(heard, _quotes_too_much(name))
        shares = [
            found.in_own_words,
            found.kept,
            found.kept_by_chance,
            found.by_rule,
            found.melody_again,
            found.quoting,
        ]
        counts = [f"{found.minutes:.0f}", str(found.scores), f"{found.returning:.0%}", str(found.themes)]
        table.add_row(name, *counts, *(f"{share:.0%}" for share in shares))
    console.print(table)


def _quotes_too_much(name: str) -> Callable[[Phrase], bool]:
    """Of what its performers learnt, more than a mood allows."""
    from models.performers.quotation.quotation import Quotations

    asked = load_mood(name).performer
    known = [Quotations.beside(weights_path(performer)) for performer in {asked.name, asked.themes or asked.name}]
    return lambda piano: any(q.longest_run_notes(piano) > asked.quotation_notes for q in known if q is not None)


def _played(name: str, seconds: float, seed: int) -> list[Heard]:
    from engine.sampler.sampler import Sampler
    from models.performers.evaluation.conducted_hour import DrawnInTime, conducted
    from models.performers.humaniser.humaniser import humanised

    mood = load_mood(name)
    with TemporaryDirectory() as folder, progress(console) as bar:
        sampler = Sampler(FilePhraseStore(Path(folder)), lambda *_: None)

        def draw(request: Request) -> Phrase:
            found = sampler.answer(request)
            if found is None:
                raise WeightsError(f"{request.performer}: cannot be had; `models list` names those that can")
            return found

        task = bar.add_task(name, total=seconds)
        return conducted(mood, DrawnInTime(draw), seconds, seed, humanise=humanised, heard=partial(bar.advance, task))

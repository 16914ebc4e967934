"""`accompaniment`: a performer plays what goes with a melody, in a harmony that is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track
from rich.table import Column, Table

from engine.cli.networks.phrases import conditioning_of_mood, say_skipped
from engine.cli.terminal.output_paths import file_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.seeds import Seed
from engine.music.held_chord import chord_weights
from engine.music.midi.reading import read_performance
from engine.music.midi.writing import write_phrase
from engine.music.notes import Phrase
from models.common.weights import weights_path

if TYPE_CHECKING:
    from models.performers.drawing.performer import Performer

console = plain_console()
accompaniment = typer.Typer(no_args_is_help=True, help="What goes with a melody.")

Melody = Annotated[Path, typer.Argument(help="MIDI file with a melody.")]
Name = Annotated[str, typer.Option(help="Performer name, or a folder of weights.")]
Mood = Annotated[str, typer.Option(help="Take temperature, density and scale from this mood.")]


@accompaniment.command()
def play(
    melody: Melody,
    out: Annotated[Path, typer.Option(callback=file_to_write, help="MIDI file to write.")],
    performer: Name = "rolls_transformer",
    chord: Annotated[
        list[int], typer.Option(min=0, max=127, help="A MIDI key of the chord that is held; several times.")
    ] = [],  # noqa: B006
    mood: Mood = "",
    sheet: Annotated[Path | None, typer.Option(callback=file_to_write, help="PNG with the piano roll.")] = None,
    seed: Seed = 1,
) -> None:
    """Accompany a melody: it stays, note for note, and a performer plays the rest beneath it."""
    from models.performers.accompaniment.accompanist import accompanied
    from models.performers.evaluation.pictures import draw_phrases

    notes = _melody(melody)
    conditioning, _ = conditioning_of_mood(mood)
    if chord:
        conditioning = replace(conditioning, pitch_class_weights=chord_weights(chord))
    phrase = accompanied(_performer(performer), notes.notes, seed, conditioning)
    write_phrase(ready(out), phrase)
    console.print(f"{out}: {len(notes.notes)} notes of the melody, {len(phrase.notes) - len(notes.notes)} beside them")
    if sheet is not None:
        draw_phrases([notes, phrase], ready(sheet), ["the melody", f"accompanied by {performer}"])


@accompaniment.command()
def evaluate(
    melody: Melody,
    performer: Annotated[list[str], typer.Option(help="Performer name, or a folder; several times.")] = [  # noqa: B006
        "rolls_transformer"
    ],
    draws: Annotated[int, typer.Option(min=1, help="How often the melody is accompanied.")] = 20,
    mood: Mood = "",
    seed: Seed = 1,
) -> None:
    """How much of what is played is in the chord that is held, beside the same melody without a chord."""
    from models.performers.accompaniment.evaluation import heard

    notes = _melody(melody).notes
    conditioning, _ = conditioning_of_mood(mood)
    table = Table(Column(no_wrap=True), "in the chord", "consonant with it", "notes per melody note", "melody kept")
    for name in performer:

        def following(numbers: Iterable[int], name: str = name) -> Iterable[int]:
            return track(list(numbers), f"{name} plays", console=console)

        for row, found in heard(_performer(name), notes, conditioning, draws, seed, following).items():
            figures = (found.in_chord, found.consonant, found.notes, found.melody_kept)
            table.add_row(f"{name}, {row}", *(f"{figure:.2f}" for figure in figures))
    console.print(table)


def _melody(path: Path) -> Phrase:
    contents = read_performance(path)
    say_skipped((), contents.remarks)
    return contents.phrase


def _performer(name: str) -> Performer:
    from models.performers.drawing.performer import Performer

    return Performer(name, weights_path(name))

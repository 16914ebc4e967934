"""`textures corpus …`: training material, rendered or imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from engine.cli.terminal.output_paths import file_to_write, folder_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import Seed
from engine.cli.terminal.warnings import warnings_printed

console = plain_console()
corpus = typer.Typer(
    no_args_is_help=True, help="Training material for textures: render it, or import folders of audio."
)


@corpus.command("render")
def render_corpus(
    out: Annotated[Path, typer.Option(callback=folder_to_write, help="Folder of the corpus; goes on where it was.")],
    style: Annotated[
        list[str], typer.Option(help="Styles: pads, field, tape, rhodes, voices, drums; the first four if not said.")
    ] = [],  # noqa: B006
    minutes: Annotated[float, typer.Option(min=1.0, help="Per style.")] = 30.0,
    seed: Seed = 1,
    soundfont: Annotated[Path | None, typer.Option(help="A .sf2 or .sf3; FluidR3 if not said.")] = None,
    recordings: Annotated[Path | None, typer.Option(help="Folder of recordings for the style field.")] = None,
    keyboards: Annotated[
        Path | None, typer.Option(help="Folder of single notes of electric pianos for rhodes.")
    ] = None,
) -> None:
    """Render training material from chance and a SoundFont: the same arguments make the same corpus."""
    from models.textures.corpus.corpus import write_corpus
    from models.textures.corpus.instruments import Material, find_soundfont
    from models.textures.corpus.scenes import SCENE_S, USUAL_STYLES, render_scene

    styles = style or list(USUAL_STYLES)
    scenes = max(2, round(minutes * 60.0 / SCENE_S))
    material = Material(find_soundfont(soundfont), recordings, keyboards)
    with progress(console) as bar:
        task = bar.add_task("rendering", total=scenes * len(styles))

        def sounds() -> Any:
            for number in range(scenes):
                for one in styles:
                    yield (
                        one,
                        f"rendered {one} {number} seed {seed}",
                        lambda n=number, s=one: render_scene(s, n, seed, material),
                    )
                    bar.advance(task)

        write_corpus(out, sounds())
    report_corpus(out)


@corpus.command("import")
def import_corpus(
    folder: Annotated[Path, typer.Argument(help="Folder of audio files of any rate and channels.")],
    style: Annotated[str, typer.Option(help="Material of one style should share a timbre.")],
    out: Annotated[Path, typer.Option(callback=folder_to_write, help="Folder of the corpus; goes on where it was.")],
    stem: Annotated[str, typer.Option(help="Of .stem.mp4 files: drums, bass, other, vocals or mixture.")] = "mixture",
) -> None:
    """Add a folder of audio to a corpus: 48 kHz, stereo, trimmed, levelled, cut, deduplicated, split."""
    from models.textures.corpus.corpus import audio_files, read_source, source_name, write_corpus

    with warnings_printed(console), progress(console) as bar:
        files = audio_files(folder)
        task = bar.add_task("importing", total=len(files))

        def sounds() -> Any:
            for file in files:
                yield style, source_name(file, folder), lambda f=file: read_source(f, stem)
                bar.advance(task)

        write_corpus(out, sounds(), passes_over=True)
    report_corpus(out)


@corpus.command("report")
def report_corpus(
    folder: Annotated[Path, typer.Argument(help="Folder of a corpus.")],
    sheet: Annotated[
        Path | None,
        typer.Option(
            callback=file_to_write, help="PNG with spectrograms of some pieces; FOLDER/sheet.png if not said."
        ),
    ] = None,
) -> None:
    """Minutes and spectral centroid per style and split, and a sheet of spectrograms."""
    from models.textures.audio.spectrograms import draw_spectrograms
    from models.textures.corpus.corpus import read_list

    pieces = read_list(folder)
    table = Table(box=None, pad_edge=False)
    for heading in ("style", "split", "pieces", "minutes", "centroid Hz"):
        table.add_column(heading)
    shown: list[Path] = []
    for style, split in sorted({(piece.style, piece.split) for piece in pieces}):
        own = [piece for piece in pieces if (piece.style, piece.split) == (style, split)]
        minutes, centroid = sum(p.length_s for p in own) / 60.0, sum(p.centroid_hz for p in own) / len(own)
        table.add_row(style, split, str(len(own)), f"{minutes:.1f}", f"{centroid:.0f}")
        shown += [folder / piece.file for piece in own[:: max(1, len(own) // 3)][:3]]
    console.print(table)
    draw_spectrograms(shown, ready(sheet or folder / "sheet.png"))
    console.print(f"spectrograms: {sheet or folder / 'sheet.png'}")

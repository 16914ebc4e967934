"""`textures …`: drawing the air from a network, bringing in files, looking at what there is, training, measuring."""

from __future__ import annotations

import hashlib
import json
import signal
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from engine.cli.networks.texture_corpora import corpus
from engine.cli.terminal.need_torch import need_torch
from engine.cli.terminal.output_paths import file_to_write, folder_to_write, ready
from engine.cli.terminal.printing import plain_console
from engine.cli.terminal.progress import progress
from engine.cli.terminal.seeds import HIGHEST_SEED, Seed
from engine.cli.terminal.warnings import warnings_printed
from engine.cores import usable_cores
from engine.errors import TextureError
from engine.signals import STOPS

if TYPE_CHECKING:
    from engine.sound.textures.library import Entry, Recipe
    from models.textures.drawing import TextureDraw
    from models.textures.network_file import TextureNetwork

CORES = usable_cores()

console = plain_console()
textures = typer.Typer(no_args_is_help=True, help="Textures, the air around the piano: draw, import, list, train.")
textures.add_typer(corpus, name="corpus")

HELP_OF_BEFORE: Final = ("--surprise", "--colour", "--attune", "--primer")
SIZES_OF_BEFORE: Final = (
    "--layers",
    "--cycle",
    "--channels",
    "--skip-channels",
    "--streams",
    "--frames",
    "--steps",
    "--rate",
)
"""Options of `train` when it trained one network: scripts that give them still run."""

Folder = Annotated[Path, typer.Option("--corpus", help="Folder of a corpus made by `textures corpus`.")]


def _own_folder() -> Path:
    from engine.sound.textures.library import user_textures

    return user_textures()


DrawnStyle = Annotated[str, typer.Option("--style", help="A style the network knows, e.g. pads, field, tape, rhodes.")]
Count = Annotated[int, typer.Option(min=1, max=256)]
Seconds = Annotated[float, typer.Option(min=1.0, max=3600.0)]
Scale = Annotated[str, typer.Option(help="Root and mode, e.g. 'Db major_pentatonic'; empty: as chance has it.")]
Out = Annotated[
    Path,
    typer.Option(
        default_factory=_own_folder,
        show_default=False,
        callback=folder_to_write,
        help="Folder; else the texture folder.",
    ),
]
Network = Annotated[str, typer.Option(help="Network name or folder; the first that knows the style if not said.")]
Era = Annotated[str, typer.Option(help="early, middle or late; the last there is if not said.")]
Temperature = Annotated[
    float | None, typer.Option(help="1 as learnt; lower is calmer. This and the next two: as usual in the style.")
]
Guidance = Annotated[float | None, typer.Option(help="1 as learnt; more follows style and scale more closely.")]
Noise = Annotated[float | None, typer.Option(help="1 as learnt; less is stiller, 0 leaves out what codes leave open.")]
Raw = Annotated[bool, typer.Option(help="The network's own 16 kHz, without the top an octave up.")]
Suffix = Annotated[str, typer.Option("--format", help="flac, wav or opus.")]
Threads = Annotated[int, typer.Option(min=1)]
Device = Annotated[str, typer.Option(help="auto, processor or cuda; auto takes a CUDA card where there is one.")]


@textures.command()
def generate(
    style: DrawnStyle,
    out: Out,
    count: Count = 1,
    seconds: Seconds = 30.0,
    seed: Seed = 1,
    scale: Scale = "",
    network: Network = "",
    era: Era = "",
    temperature: Temperature = None,
    guidance: Guidance = None,
    noise: Noise = None,
    raw: Raw = False,
    suffix: Suffix = "flac",
    threads: Threads = CORES,
    device: Device = "auto",
    helped: Annotated[list[str], typer.Option(*HELP_OF_BEFORE, hidden=True)] = [],  # noqa: B006
    struck: Annotated[bool | None, typer.Option("--strike/--from-noise", hidden=True)] = None,
) -> None:
    """Draw textures. The same arguments make the same files; interrupt it, and the same command goes on from there."""
    if helped or struck is not None:
        console.print(
            "networks draw by themselves: striking, colouring, attuning and primers count for nothing", style="yellow"
        )
    from engine.sound.textures.library import FORMATS, Recipe, parse_scale
    from models.textures.drawing import TextureDraw
    from models.textures.sampling_preset import usual_preset

    classes, card = parse_scale(scale), wanted_card(device)
    if f".{suffix}" not in FORMATS:
        raise TextureError(f"--format {suffix}: choose {', '.join(form[1:] for form in FORMATS)}")
    chosen = _chosen_network(network, style, era)
    wished = {"temperature": temperature, "guidance": guidance, "noise": noise}
    preset = replace(usual_preset(style), **{name: value for name, value in wished.items() if value is not None})
    draw = TextureDraw(chosen, style, count, seconds, seed, classes, preset, threads, card)
    recipe = Recipe(
        style=style,
        network=chosen.name,
        era=chosen.era,
        weights_hash=chosen.hash,
        seed=seed,
        streams=count,
        seconds=seconds,
        **asdict(preset),
        device=card,
        scale=scale,
    )
    draw_resumably(draw, ready(out / f".drawing-{state_name(recipe)}"), f"{count} x {seconds:g} s of {style}")
    for path in _write_sounds(draw, recipe, out, f".{suffix}", raw):
        console.print(f"{path}")


def _chosen_network(name: str, style: str, era: str) -> TextureNetwork:
    """The network of that name, or the first that knows the style."""
    from models.textures.network_file import load_network, networks_with

    names = [name] if name else networks_with(style)
    if not names:
        raise TextureError(f"no network here knows the style {style!r}; train one with `textures train`")
    return load_network(names[0], era)


def _write_sounds(draw: TextureDraw, recipe: Recipe, folder: Path, suffix: str, raw: bool) -> Iterator[Path]:
    """The files of a drawing that is done, each with a recipe of its own, as they are written."""
    from engine.sound.textures.library import file_name, finish_texture

    for stream, sound in enumerate(draw.sounds()):
        own = replace(recipe, stream=stream, drawn=draw.checksum(stream))
        path = folder / file_name(own, suffix)
        finish_texture(path, sound, own, raw, draw.rate_hz)
        yield path


def wanted_card(device: str) -> str:
    """Name of the torch device to draw on; empty for the compiled loop on the processor, which needs no torch."""
    if device not in ("auto", "processor", "cuda"):
        raise TextureError(f"--device {device}: choose auto, processor or cuda")
    card = Path("/proc/driver/nvidia").exists() and find_spec("torch") is not None
    if device == "processor" or (device == "auto" and not card):
        return ""
    need_torch("drawing on a card")
    from models.common.devices import has_card

    if device == "cuda" and not has_card():
        raise TextureError("--device cuda: torch finds no CUDA card here; leave it away to draw on the processor")
    return "cuda" if has_card() else ""


def state_name(recipe: Recipe) -> str:
    """A file name for an interrupted drawing that only the same arguments find again."""
    return hashlib.sha256(json.dumps(vars(recipe), default=str).encode()).hexdigest()[:12] + ".npz"


def draw_resumably(draw: TextureDraw, state: Path, title: str) -> None:
    """Draws with a bar; when it is stopped it keeps the state and leaves, and takes it up again next time."""
    stopping: list[bool] = []
    before = {number: signal.signal(number, lambda *_: stopping.append(True)) for number in STOPS}
    try:
        if state.is_file() and draw.resume(state):
            console.print(f"going on from {draw.progress:.0%}")
        with progress(console) as bar:
            task = bar.add_task(title, total=1.0)
            bar.update(task, completed=draw.progress)
            while not draw.done and not stopping:
                draw.advance(8)
                bar.update(task, completed=draw.progress)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stopping and not draw.done:
        draw.save(state)
        console.print("interrupted: the same command goes on from here")
        raise typer.Exit(130)
    state.unlink(missing_ok=True)


@textures.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(help="Audio files made elsewhere.")],
    style: Annotated[str, typer.Option(help="Begins the names, so that moods find them: pads, field, tape, rhodes …")],
    out: Out,
    scale: Annotated[str, typer.Option(help="Scale the sound is in, if you know it.")] = "",
    licence: Annotated[str, typer.Option(help="Kept in the recipe.")] = "",
) -> None:
    """Bring audio files into the texture folder, checked, at up to 48 kHz, with a recipe."""
    from engine.sound.textures.importing import import_texture
    from engine.sound.textures.library import Recipe, parse_scale

    parse_scale(scale)
    if not style.replace("_", "").isalnum():
        raise TextureError(f"style {style!r}: letters, digits and _ only; it begins a file name")
    refused = []
    for file in files:
        try:
            path = import_texture(file, out, Recipe(style, scale=scale, licence=licence))
        except TextureError as error:
            refused.append(str(error))
        else:
            console.print(f"{file} is {path}", highlight=False, soft_wrap=True)
    if refused:
        raise TextureError("\n".join(refused))


@textures.command("list")
def list_textures(
    pattern: Annotated[str, typer.Argument(help="Pattern of names, e.g. pads*")] = "*",
    folder: Annotated[list[Path], typer.Option(help="Folders to look in.")] = [],  # noqa: B006
    sheet: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="PNG with the spectrogram of each.")
    ] = None,
) -> None:
    """List textures: length, key, centroid, loudness, and how each was made."""
    from engine.files.audio.names import strangers_in
    from engine.sound.textures.files import textures_in
    from engine.sound.textures.library import entries, texture_folders

    folders = folder or texture_folders()
    if pattern == "*":
        for path, why in (stranger for place in folders for stranger in strangers_in(place)):
            console.print(f"{path}: {why}", style="yellow", soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "s", "key", "confidence", "centroid Hz", "LUFS", "made"):
        table.add_column(heading, overflow="fold")
    with warnings_printed(console):
        found = list(entries(textures_in(folders, pattern)))
    for entry in found:
        table.add_row(*row(entry))
    nothing = f"no texture is called {pattern!r}" if pattern != "*" else "no textures yet"
    console.print(table if found else f"{nothing}: `textures generate` draws some, `textures import` brings in files")
    if sheet and found:
        from models.textures.audio.spectrograms import draw_spectrograms

        draw_spectrograms([entry.path for entry in found], ready(sheet))


def row(entry: Entry) -> list[str]:
    made = "by hand"
    if entry.recipe:
        recipe = entry.recipe
        made = f"from {recipe.source}" if not recipe.network else f"{recipe.network} {recipe.era}, seed {recipe.seed}"
    figures = [f"{entry.confidence:.2f}", f"{entry.centroid_hz:.0f}", f"{entry.loudness_db:.1f}"]
    return [entry.path.name, f"{entry.length_s:.1f}", entry.key, *figures, made]


@textures.command()
def train(
    folder: Folder,
    out: Annotated[
        Path,
        typer.Option(
            callback=folder_to_write,
            help="Folder for checkpoints and eras; its networks are OUT/air, OUT/haze and OUT/spectra.",
        ),
    ],
    minutes: Annotated[
        float, typer.Option(min=0.05, help="Length of the whole; what is reached earlier can be played too.")
    ] = 120.0,
    style: Annotated[list[str], typer.Option(help="Styles to learn; all of the corpus if not said.")] = [],  # noqa: B006
    part: Annotated[
        list[str],
        typer.Option(help="codec, plan, decoder, calibration, wavenet, samplernn; all, in this order."),
    ] = [],  # noqa: B006
    threads: Annotated[int, typer.Option(min=1)] = 1,
    seed: Seed = 1,
    begin_from: Annotated[
        list[str], typer.Option(help="Trained networks to go on from, e.g. spectra; only the first time.")
    ] = [],  # noqa: B006
    sizes: Annotated[list[str], typer.Option(*SIZES_OF_BEFORE, hidden=True)] = [],  # noqa: B006
) -> None:
    """Train all networks of textures. Interrupt it any time: the same command goes on, and `late` can be played."""
    if sizes:
        console.print("the sizes of networks are fixed; what was given for them counts for nothing", style="yellow")
    need_torch("training")
    from models.textures.corpus.corpus import read_list
    from models.textures.training.together import PARTS, Sizes, Together

    if unknown := set(part) - set(PARTS):
        raise TextureError(f"--part {', '.join(sorted(unknown))}: choose among {', '.join(PARTS)}")
    styles = tuple(style) or tuple(sorted({piece.style for piece in read_list(folder)}))
    training = Together(out, folder, Sizes.usual(styles), minutes, seed, threads, begin_from, console.print)
    with progress(console) as bar:
        task = bar.add_task("training", total=None)

        def report(name: str, step: int, loss: float) -> None:
            bar.update(task, description=f"{name}, step {step}: {loss:.3f}")

        training.run(report, part or PARTS)
    console.print(f"networks in {out}; try `textures generate --network {out / 'air'} --style {styles[0]}`")


@textures.command()
def evaluate(
    folder: Folder,
    other: Annotated[
        Path | None, typer.Option(help="Another corpus of the same styles, to see how far apart real sound lies.")
    ] = None,
    network: Annotated[str, typer.Option(help="Network name or folder.")] = "air",
    seconds: Annotated[float, typer.Option(min=2.0, help="Length of each draw.")] = 12.0,
    draws: Annotated[int, typer.Option(min=4, help="Draws per style and era.")] = 8,
    era: Annotated[list[str], typer.Option(help="Eras; all if not said.")] = [],  # noqa: B006
    style: Annotated[list[str], typer.Option(help="Styles; all of the network if not said.")] = [],  # noqa: B006
    controls: Annotated[bool, typer.Option(help="The untrained network and white noise as well.")] = True,
    seed: Annotated[
        int, typer.Option(min=0, max=HIGHEST_SEED, help="Of the draws; presets were chosen on others than this.")
    ] = 1,
    out: Annotated[Path | None, typer.Option(callback=file_to_write, help="JSON file for the figures.")] = None,
    sheet: Annotated[
        Path | None, typer.Option(callback=file_to_write, help="PNG with spectrograms of everything compared.")
    ] = None,
) -> None:
    """How like real sound draws are, beside real sound, the untrained network, and white noise in its place."""
    need_torch("evaluating")
    from models.textures.audio.spectrograms import draw_bodies
    from models.textures.evaluation.evaluation import Extent, in_a_table
    from models.textures.evaluation.evaluation import evaluate as measure

    extent = Extent(draws, seconds, style, era, controls, seed)
    rows, bodies = measure(network, folder, other, extent, lambda text: console.print(text, style="dim"))
    print(in_a_table(rows))
    if out:
        ready(out).write_text(json.dumps([row.as_dict() for row in rows], indent=1) + "\n", encoding="utf-8")
    if sheet:
        draw_bodies(bodies, ready(sheet))

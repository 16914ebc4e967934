"""The figures of a texture network's card: what it draws, beside real sound, itself untrained, and white noise.

Everything is measured at 16 kHz in mono, on draws and held-out clips of one length, so that networks of every kind
stand in one table. What real sound of another corpus reaches is in it too: better than that nothing can be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from engine.errors import TextureError
from models.textures.audio.audio_input import read_mono, resampled
from models.textures.audio.mu_law import RATE_HZ
from models.textures.corpus.corpus import read_list
from models.textures.drawing import TextureDraw, draw_all
from models.textures.evaluation.controls import noise_instead, untrained, untrained_waves
from models.textures.evaluation.distance import Sound, between, statistics
from models.textures.evaluation.tonality import tonal_over_noise_db
from models.textures.evaluation.two_sample import FOLDS, area, boosted_trees, features
from models.textures.network_file import TextureNetwork, eras_of, load_network

SEED: Final = 1
REAL: Final = "another real corpus"
UNTRAINED: Final = "the same untrained"
UNTRAINED_WAVES: Final = "its waves untrained, same plan"
"""Only of networks that make waves of a plan."""
NOISE: Final = "white noise in its place"
CONTROLS: Final = (REAL, UNTRAINED, UNTRAINED_WAVES, NOISE)


@dataclass(frozen=True)
class Row:
    """One line of the card: `what` was measured in a `style`.

    distance_db: to held-out sound of every style (`models.textures.evaluation.distance`); tonal_db: tones over noise;
    apart: how surely a classifier tells it from held-out sound, apart_by_trees: and another kind of classifier;
    apart_from_untrained: how surely the first tells it from the untrained network.
    """

    what: str
    style: str
    distance_db: Mapping[str, float]
    tonal_db: float
    apart: float
    apart_by_trees: float
    apart_from_untrained: float | None = None

    @property
    def nearest(self) -> str:
        return min(self.distance_db, key=lambda style: self.distance_db[style])

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


Bodies = Mapping[str, Sequence[Sound]]


@dataclass(frozen=True)
class Extent:
    """How much is drawn and measured: `draws` of `seconds` in each of some `styles` and `eras` (all, where empty), from
    a `seed`, and whether the untrained network and white noise are drawn as well. Presets that were chosen on draws of
    one seed are measured on another."""

    draws: int = 8
    seconds: float = 12.0
    styles: Sequence[str] = ()
    eras: Sequence[str] = ()
    controls: bool = True
    seed: int = SEED


def evaluate(
    name: str, corpus: Path, other: Path | None, extent: Extent, report: Callable[[str], None]
) -> tuple[list[Row], dict[str, Bodies]]:
    """Lines of eras of a network and of what they are compared with, and the sounds themselves, by what they are.

    corpus: whose held-out pieces are the measure; other: another, to see how far apart real ones lie. Raises
    `TextureError` before anything is drawn where a corpus has too few of a style.
    """
    last = load_network(name)
    styles, seconds, draws = extent.styles or last.sizes.styles, extent.seconds, extent.draws
    held_out = {style: enough_clips(corpus, style, "held_out", seconds) for style in styles}
    bodies: dict[str, Bodies] = {"real": held_out}
    if other:
        bodies[REAL] = {style: enough_clips(other, style, "", seconds)[:draws] for style in styles}
    if extent.controls:
        report("draws of an untrained network")
        bodies[UNTRAINED] = drawn(untrained(last), styles, extent)
        if last.packed:
            report("draws of untrained waves")
            bodies[UNTRAINED_WAVES] = drawn(untrained_waves(last), styles, extent)
        report("white noise in its place")
        bodies[NOISE] = {s: at_16_khz(noise_instead(last, s, draws, seconds, extent.seed)) for s in styles}
    for era in extent.eras or eras_of(name):
        report(f"draws of {era}")
        bodies[f"{last.name} {era}"] = drawn(load_network(name, era), styles, extent)
    report("measuring")
    return rows(bodies, held_out), bodies


def rows(bodies: Mapping[str, Bodies], held_out: Bodies) -> list[Row]:
    """A line for each body of sound but the held-out one itself, and each of its styles."""
    colour = {style: statistics(sounds) for style, sounds in held_out.items()}
    seconds = {
        what: {style: [features(sound) for sound in sounds] for style, sounds in body.items()}
        for what, body in bodies.items()
    }
    found = []
    for what, body in bodies.items():
        for style, sounds in body.items() if what != "real" else ():
            own, measured = statistics(sounds), seconds[what][style]
            nothing = seconds.get(UNTRAINED, {}).get(style) if what not in CONTROLS else None
            found.append(
                Row(
                    what,
                    style,
                    {other: round(between(own, theirs), 2) for other, theirs in colour.items()},
                    round(tonal_over_noise_db(sounds), 1),
                    round(area(seconds["real"][style], measured), 2),
                    round(area(seconds["real"][style], measured, boosted_trees), 2),
                    None if nothing is None else round(area(nothing, measured), 2),
                )
            )
    return found


def drawn(network: TextureNetwork, styles: Sequence[str], extent: Extent) -> Bodies:
    """Sounds of each style, mono at 16 kHz, drawn as the network usually is."""
    draws, seconds, seed = extent.draws, extent.seconds, extent.seed
    return {style: at_16_khz(draw_all(TextureDraw(network, style, draws, seconds, seed))) for style in styles}


def at_16_khz(sounds: Sequence[Sound]) -> list[Sound]:
    """Sounds as they are measured: those in stereo are the plan's, at 48 kHz."""
    return [sound if sound.ndim == 1 else resampled(sound.mean(axis=1), 3, 1) for sound in sounds]


def enough_clips(corpus: Path, style: str, split: str, seconds: float) -> list[Sound]:
    """As `clips`; raises `TextureError` where a classifier could not be fitted on some and asked about the others."""
    found = clips(corpus, style, split, seconds)
    if len(found) < FOLDS:
        what = "held-out pieces" if split else "pieces"
        raise TextureError(
            f"{corpus}: {what} of style {style}: {len(found)}, expected {FOLDS} or more; add material, or leave the "
            "style out with --style"
        )
    return found


def clips(corpus: Path, style: str, split: str, seconds: float) -> list[Sound]:
    """The middle of each piece of a style and a split (all if empty), mono at 16 kHz, `seconds` long at most."""
    found = []
    for piece in read_list(corpus):
        if piece.style == style and split in ("", piece.split):
            sound = read_mono(corpus / piece.file, RATE_HZ)
            start = max(0, (len(sound) - round(seconds * RATE_HZ)) // 2)
            found.append(sound[start : start + round(seconds * RATE_HZ)])
    return found


def in_a_table(found: Sequence[Row]) -> str:
    """The card's table in Markdown."""
    styles = list(found[0].distance_db)
    headings = ["what", "style", *(f"to {s}, dB" for s in styles), "tonal, dB", "apart", "by trees", "from untrained"]
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    for row in found:
        distances = [f"**{d:.1f}**" if s == row.nearest else f"{d:.1f}" for s, d in row.distance_db.items()]
        figures = [row.apart, row.apart_by_trees, row.apart_from_untrained]
        apart = ["" if figure is None else f"{figure:.2f}" for figure in figures]
        cells = [row.what, row.style, *distances, f"{row.tonal_db:.1f}", *apart]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"

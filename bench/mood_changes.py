"""Jumps in loudness when the mood changes: every shipped mood to every other, without a clock.

A jump is the difference between the loudness of the three seconds after a moment and that of the three seconds before
it: short-term loudness as in EBU Tech 3341, for that is what a hand would reach for the volume for. The momentary one,
of 0.4 s, follows single strokes of a piano. Moments count from the change until it has glided in and the windows are
past it; those in which no mood changes are measured too, and say how much the music moves by itself.
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from bench.measurement import Measurement
from engine.music.conductor.conductor import Conductor
from engine.music.notes import Phrase
from engine.music.phrases.store import PhraseSource, Request
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.renderer.studio import Studio
from engine.sampler.sampler import conditioning_of, on_the_way
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.leveller import HIGHPASS, SHELF
from engine.sound.textures.library import SHIPPED_FOLDER
from engine.sound.voices.soundfonts import find_soundfont
from models.common.weights import weights_path
from models.performers.drawing.performer import Performer
from models.performers.drawing.rejection_sampling import draw_kept
from models.performers.quotation.quotation import Quotations

MOST_LU: Final = 3.0
AT_MOST: Final = 1.5
"""Of what music does by itself."""
SEEDS: Final = (1, 2)
"""Each goes a part of the way, on a process of its own: what is measured is no time."""
GLIDES_S: Final = (0.0, 0.0, 5.0, 8.0)
"""Drawn by chance; at once is the hardest."""
SETTLES_S: Final = 20.0
STAYS_S: Final = 13.0
WINDOW_S: Final = 3.0
STEPS_PER_S: Final = 10


@dataclass(frozen=True)
class Journey:
    """What was heard, float32[frames, 2], and each change: its second, and how long it glided."""

    mix: NDArray[np.float32]
    changes: tuple[tuple[float, float], ...]

    def jumps(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Sizes in LU at the moments that belong to a change, and at those that do not; the start is left out."""
        times_s, sizes = loudness_jumps(self.mix)
        changing, near = np.zeros((2, len(times_s)), dtype=bool)
        for begins_s, glide_s in self.changes:
            ends_s = begins_s + glide_s + WINDOW_S
            changing |= (times_s >= begins_s) & (times_s <= ends_s)
            near |= (times_s >= begins_s - WINDOW_S) & (times_s <= ends_s)
        begun = times_s > SETTLES_S / 2
        return sizes[changing & begun], sizes[~near & begun]


def loudness_jumps(mix: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Moments in seconds, ten a second, and the size in LU of the jump there, of float32[frames, 2] at 48 kHz."""
    weighted = mix.astype(np.float64)
    for above, below in (SHELF, HIGHPASS):
        weighted = lfilter(above, below, weighted, axis=0)
    power = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=1))])
    window = round(WINDOW_S * SAMPLE_RATE_HZ)
    ends = np.arange(window, power.size, SAMPLE_RATE_HZ // STEPS_PER_S)
    loudness = 10 * np.log10((power[ends] - power[ends - window]) / window + 1e-12)
    apart = round(WINDOW_S * STEPS_PER_S)
    return ends[:-apart] / SAMPLE_RATE_HZ, np.abs(loudness[apart:] - loudness[:-apart])


def travel(seed: int, moods: Sequence[str], source: PhraseSource, *, textures: bool = True) -> Journey:
    """Through `moods`, one after the other, each for a quarter of a minute."""
    rng, first = np.random.default_rng(seed), load_mood(moods[0])
    studio = Studio(
        Conductor(seed, first, source),
        first,
        seed=seed,
        soundfont=find_soundfont(),
        textures=[SHIPPED_FOLDER] if textures else [],
    )
    pieces = _steps(studio, SETTLES_S)
    changes = []
    for mood in moods[1:]:
        glide_s = float(rng.choice(GLIDES_S))
        changes.append((studio.frame / SAMPLE_RATE_HZ, glide_s))
        studio.change_mood(load_mood(mood), glide_s)
        pieces += _steps(studio, STAYS_S)
    studio.close()
    return Journey(np.concatenate(pieces), tuple(changes))


def _steps(studio: Studio, seconds: float) -> list[NDArray[np.float32]]:
    return [studio.render_step()[1] for _ in range(round(seconds * SAMPLE_RATE_HZ / STEP_FRAMES))]


def round_trip(names: Iterable[str]) -> list[str]:
    """A way that goes from each to each other exactly once (Hierholzer 1873), back to where it began."""
    to_go = {name: [other for other in names if other != name] for name in names}
    way: list[str] = []
    back = [next(iter(to_go))]
    while back:
        if to_go[back[-1]]:
            back.append(to_go[back[-1]].pop())
        else:
            way.append(back.pop())
    return way[::-1]


def parts(way: Sequence[str], count: int) -> list[Sequence[str]]:
    """`way` in pieces with as many steps: each begins where the one before ends, so that no step is lost."""
    bounds = np.linspace(0, len(way) - 1, count + 1).round().astype(int)
    return [way[first : last + 1] for first, last in itertools.pairwise(bounds)]


class DrawnPhrases:
    """A phrase source that is never late: it draws when a phrase is taken, as the sampler would have."""

    def want(self, requests: Iterable[Request]) -> None:
        pass

    def take(self, request: Request) -> Phrase | None:
        if request.towards is not None:
            return on_the_way(request)
        performer, quotations = _performer(request.performer)
        kept = draw_kept(performer, request.seed, conditioning_of(request), quotations, request.quotation_notes)
        return kept.phrase or Phrase((), (), performer.name, request.seed)


@cache
def _performer(name: str) -> tuple[Performer, Quotations | None]:
    return Performer(name, weights_path(name)), Quotations.beside(weights_path(name))


def measure() -> dict[str, Measurement]:
    way = round_trip([str(name) for name in np.random.default_rng(SEEDS[0]).permutation(list_moods())])
    with ProcessPoolExecutor(len(SEEDS), multiprocessing.get_context("spawn")) as pool:
        jumps = list(pool.map(largest_jumps, SEEDS, parts(way, len(SEEDS))))
    changing, still = (max(sizes) for sizes in zip(*jumps, strict=True))
    return {"mood_change_lu": Measurement(changing, "LU", still, "largest within a mood", at_most=AT_MOST)}


def largest_jumps(seed: int, moods: Sequence[str]) -> tuple[float, float]:
    """In LU, where moods change and where they do not, on a way through `moods`."""
    changing, still = travel(seed, moods, DrawnPhrases()).jumps()
    return float(changing.max()), float(still.max())

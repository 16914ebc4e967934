"""Which texture file a stem plays, how it is fitted, and the crossfade from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.chance import chance
from engine.errors import TextureError
from engine.reel_format import SAMPLE_RATE_HZ
from engine.texture_files import textures_in
from engine.texture_library import by_scale
from engine.texture_treatment import Loop, Treatment
from engine.texture_workshop import Workshop

CROSSFADE_S: Final = 4.0
"""From one file to the next; a mood change that glides for longer takes its time."""
SHORTEST_STAY_S: Final = 240.0
LONGEST_STAY_S: Final = 480.0
"""Where several files match, another comes after a while drawn between these."""
LOOK_AGAIN_S: Final = 5.0
"""How often folders without a file that serves are looked at again."""
MOST_LOOPS: Final = 3


@dataclass(frozen=True, slots=True)
class TextureChoice:
    """What settings ask for: a pattern of file names (empty: none), the scale of the music, what is done to the file.

    `scale` decides which file is chosen, also where `treatment` keeps its clashes.
    """

    pattern: str = ""
    scale: tuple[int, ...] = ()
    treatment: Treatment = field(default_factory=Treatment)


@dataclass
class _Playing:
    loop: Loop
    crossfade_s: float
    share: float = 0.0
    wanted: float = 1.0


class TextureDeck:
    """Plays one texture stem. `report` is told each new file name ("" for none), `complain` each broken file once.

    What plays goes on until the next is ready, so nothing waits and nothing is silent meanwhile.
    """

    def __init__(
        self,
        stem: str,
        folders: Sequence[Path],
        seed: int,
        workshop: Workshop,
        report: Callable[[str], None],
        complain: Callable[[str], None],
    ) -> None:
        self._stem, self._folders, self._seed, self._workshop = stem, tuple(folders), seed, workshop
        self._report, self._complain = report, complain
        self._choice = TextureChoice()
        self._playing: list[_Playing] = []
        self._waiting: list[Path] = []
        """Files still to be tried for the present change, best first; the first is being prepared."""
        self._coming: Future[Loop] | None = None
        self._broken: dict[Path, float] = {}
        self._changes = 0
        self._next_change_s = 0.0
        self._elapsed_s = 0.0
        self._told: str | None = None
        self._crossfade_s = CROSSFADE_S

    @property
    def files(self) -> set[Path]:
        """What plays, fades out or is being prepared: nobody should remove these now."""
        coming = set(self._waiting[:1]) if self._coming else set()
        return {playing.loop.path for playing in self._playing} | coming

    def choose(self, choice: TextureChoice, glide_s: float = 0.0) -> None:
        """Play what `choice` asks for as soon as it is ready; nothing happens if it already does.

        The crossfade takes `glide_s`, but not less than `CROSSFADE_S`.
        """
        if choice != self._choice:
            self._choice = choice
            self._next_change_s = self._elapsed_s
            self._drop_coming()
            self._crossfade_s = max(CROSSFADE_S, glide_s)
            if len(self._playing) >= MOST_LOOPS:  # minds change faster than loops fade: what is leaving makes room
                for playing in self._playing:
                    playing.crossfade_s = CROSSFADE_S

    def render(self, frames: int) -> NDArray[np.float32] | None:
        """The next `frames` [2, frames] float32, or None for silence."""
        if self._coming is None and self._elapsed_s >= self._next_change_s and len(self._playing) < MOST_LOOPS:
            self._waiting = self._candidates()
            self._prepare_next()
        while self._coming and self._coming.done():
            self._take(self._coming)
        self._elapsed_s += frames / SAMPLE_RATE_HZ
        if not self._playing:
            return None
        out = np.zeros((2, frames), dtype=np.float32)
        for playing in self._playing:
            travel = frames / SAMPLE_RATE_HZ / playing.crossfade_s
            before = playing.share
            playing.share = min(1.0, before + travel) if playing.wanted else max(0.0, before - travel)
            turn = np.linspace(before, playing.share, frames, dtype=np.float32) * np.float32(np.pi / 2)
            out += playing.loop.read(frames) * (1.0 if before == playing.share == 1.0 else np.sin(turn))
        for gone in [p for p in self._playing if p.wanted == p.share == 0.0]:
            gone.loop.close()
            self._playing.remove(gone)
        return out

    def close(self) -> None:
        self._drop_coming()
        for playing in self._playing:
            playing.loop.close()
        self._playing.clear()

    def _candidates(self) -> list[Path]:
        """Files that match and are not known to be broken: those in the scale first, else by chance."""
        files = [p for p in textures_in(self._folders, self._choice.pattern) if self._broken.get(p) != _changed_s(p)]
        current = self._playing[-1].loop.path if self._playing and self._playing[-1].wanted else None
        order = chance(self._seed, self._stem, "file", self._changes).sample(files, len(files))
        order.sort(key=lambda path: path == current)  # what plays now comes last of those that fit as well
        return by_scale(order, self._choice.scale) if self._choice.scale else order

    def _prepare_next(self) -> None:
        """Begin to prepare the first file that waits; without one, what plays fades out."""
        if not self._waiting:
            self._change(None)
            return
        place = chance(self._seed, self._stem, "place", self._changes).random()
        self._coming = self._workshop.prepare(self._waiting[0], self._choice.treatment, place)

    def _take(self, ready: Future[Loop]) -> None:
        self._coming = None
        path = self._waiting.pop(0)
        try:
            loop = ready.result()
        except Exception as problem:  # whatever is wrong with a file, it must not stop the room
            if path.exists():  # else somebody has just removed it, and nothing is wrong
                self._broken[path] = _changed_s(path)
                self._complain(str(problem) if isinstance(problem, TextureError) else f"texture {path.name}: {problem}")
            self._prepare_next()
        else:
            self._change(loop)

    def _change(self, loop: Loop | None) -> None:
        """Fade out what plays, and bring in `loop`."""
        stay = chance(self._seed, self._stem, "stay", self._changes)
        self._changes += 1
        self._waiting.clear()
        for playing in self._playing:
            if playing.wanted:
                playing.wanted, playing.crossfade_s = 0.0, self._crossfade_s
        if loop is None:
            self._next_change_s = self._elapsed_s + LOOK_AGAIN_S if self._choice.pattern else float("inf")
        else:
            self._playing.append(_Playing(loop, self._crossfade_s))
            self._next_change_s = self._elapsed_s + stay.uniform(SHORTEST_STAY_S, LONGEST_STAY_S)
        self._crossfade_s = CROSSFADE_S
        name = loop.path.name if loop else ""
        if name != self._told:
            self._told = name
            self._report(name)

    def _drop_coming(self) -> None:
        if self._coming and not self._coming.cancel():
            self._coming.add_done_callback(_close_unheard)
        self._coming = None
        self._waiting.clear()


def _close_unheard(ready: Future[Loop]) -> None:
    if not ready.cancelled() and ready.exception() is None:
        ready.result().close()


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0

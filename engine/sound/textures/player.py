"""Which texture file a stem plays, how it is fitted, and when the next one comes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from engine.errors import TextureError
from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.seeding import chance
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.table_readers import Reading
from engine.sound.textures.crossfade import CROSSFADE_S, Crossfade, LoopState, Source
from engine.sound.textures.files import textures_in
from engine.sound.textures.library import by_scale
from engine.sound.textures.loader import LoopLoader
from engine.sound.textures.treatment import Loop, Treatment

SHORTEST_STAY_S: Final = 240.0
LONGEST_STAY_S: Final = 480.0
"""Where several files match, another comes after a while drawn between these."""
LOOK_AGAIN_S: Final = 5.0
"""How often folders without a file that serves are looked at again."""

log = logging.getLogger(__name__)

OnTexture = Callable[[str, Source | None, float], None]
"""Told (stem, source, crossfade in s) when a texture begins, or None when what plays fades out and none follows."""


@dataclass(frozen=True, slots=True)
class TextureChoice:
    """What settings ask for: a pattern of file names (empty: none), the scale of the music, what is done to the file.

    `scale` decides which file is chosen, also where `treatment` keeps its clashes.
    """

    pattern: str = ""
    scale: tuple[int, ...] = ()
    treatment: Treatment = field(default_factory=Treatment)

    def unfitted(self) -> TextureChoice:
        """The same file, streamed as it is."""
        own = self.treatment
        return replace(self, treatment=Treatment(scale=own.scale, reverse=own.reverse, octave=own.octave))


class Player(Protocol):
    """What plays one texture stem."""

    @property
    def files(self) -> set[Path]: ...

    @property
    def state(self) -> tuple[LoopState, ...]: ...

    def choose(self, choice: TextureChoice, glide_s: float = 0.0) -> None: ...

    def read(self) -> tuple[Reading, ...]: ...

    def close(self) -> None: ...


class TexturePlayer:
    """Plays one texture stem. `report` is told each new file name ("" for none).

    Of each broken file it warns once, under the address of the stem's file.

    What plays goes on until the next is ready, so nothing waits and nothing is silent meanwhile.
    """

    def __init__(
        self,
        stem: str,
        folders: Sequence[Path],
        seed: int,
        loader: LoopLoader,
        report: Callable[[str], None],
        on_texture: OnTexture | None = None,
    ) -> None:
        self._stem, self._folders, self._seed, self._loader = stem, tuple(folders), seed, loader
        self._report, self._on_texture = report, on_texture
        self._choice = TextureChoice()
        self._crossfade = Crossfade()
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
        """Files that play, fade out or are being prepared, and must not be removed now."""
        coming = set(self._waiting[:1]) if self._coming else set()
        return self._crossfade.files | coming

    @property
    def state(self) -> tuple[LoopState, ...]:
        """What is heard of it now."""
        return self._crossfade.state

    def choose(self, choice: TextureChoice, glide_s: float = 0.0) -> None:
        """Play what `choice` asks for as soon as it is ready; nothing happens if it already does.

        The crossfade takes `glide_s`, but not less than `CROSSFADE_S`.
        """
        if choice != self._choice:
            self._choice = choice
            self._next_change_s = self._elapsed_s
            self._drop_coming()
            self._crossfade_s = max(CROSSFADE_S, glide_s)
            self._crossfade.make_room()

    def read(self) -> tuple[Reading, ...]:
        """What the next step reads of its loops; nothing where it is silent."""
        if self._coming is None and self._elapsed_s >= self._next_change_s and not self._crossfade.full:
            self._waiting = self._candidates()
            self._prepare_next()
        while self._coming and self._coming.done():
            self._take(self._coming)
        self._elapsed_s += STEP_FRAMES / SAMPLE_RATE_HZ
        return self._crossfade.read()

    def close(self) -> None:
        self._drop_coming()
        self._crossfade.close()

    def _candidates(self) -> list[Path]:
        """Files that match and are not known to be broken: those in the scale first, else by chance."""
        files = [p for p in textures_in(self._folders, self._choice.pattern) if self._broken.get(p) != _changed_s(p)]
        order = chance(self._seed, self._stem, "file", self._changes).sample(files, len(files))
        order.sort(key=lambda path: path == self._crossfade.current)  # what plays now comes last
        return by_scale(order, self._choice.scale) if self._choice.scale else order

    def _prepare_next(self) -> None:
        """Begin to prepare the first file that waits; without one, what plays fades out."""
        if not self._waiting:
            self._change(None, None)
            return
        source = self._source(self._waiting[0])
        self._coming = self._loader.prepare(source.path, source.treatment, source.place)

    def _source(self, path: Path) -> Source:
        place = chance(self._seed, self._stem, "place", self._changes).random()
        return Source(path, self._choice.treatment, place)

    def _take(self, ready: Future[Loop]) -> None:
        self._coming = None
        path = self._waiting.pop(0)
        try:
            loop = ready.result()
        except Exception as problem:  # whatever is wrong with a file, it must not stop the room
            if path.exists():  # else somebody has just removed it, and nothing is wrong
                self._broken[path] = _changed_s(path)
                what = str(problem) if isinstance(problem, TextureError) else f"texture {path.name}: {problem}"
                log.warning("%s", what, extra={"where": f"/layer/{self._stem}/file"})
            self._prepare_next()
        else:
            self._change(self._source(path), loop)

    def _change(self, source: Source | None, loop: Loop | None) -> None:
        """Fade out what plays, and bring in `loop`."""
        stay = chance(self._seed, self._stem, "stay", self._changes)
        self._changes += 1
        self._waiting.clear()
        if self._on_texture and (source or self._crossfade.current):
            self._on_texture(self._stem, source, self._crossfade_s)
        self._crossfade.change(source, loop, self._crossfade_s)
        if loop is None:
            self._next_change_s = self._elapsed_s + LOOK_AGAIN_S if self._choice.pattern else float("inf")
        else:
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

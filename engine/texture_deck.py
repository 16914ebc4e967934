"""Which texture file a stem plays, and the crossfade from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.chance import chance
from engine.errors import TextureError
from engine.reel_format import SAMPLE_RATE_HZ
from engine.texture_files import TextureLoop, matching_files

CROSSFADE_S: Final = 4.0
SHORTEST_STAY_S: Final = 240.0
LONGEST_STAY_S: Final = 480.0
"""Where several files match, another comes after a while drawn between these."""
LOOK_AGAIN_S: Final = 5.0
"""How often an empty folder is looked at again."""
MOST_LOOPS: Final = 3


@dataclass(frozen=True, slots=True)
class TextureChoice:
    """What settings ask for: a pattern of file names (empty: none), the direction, octaves."""

    pattern: str = ""
    reverse: bool = False
    octave: int = 0


@dataclass
class _Playing:
    loop: TextureLoop
    share: float = 0.0
    wanted: float = 1.0


class TextureDeck:
    """Plays one texture stem. `report` is told each new file name ("" for none), `complain` each broken file once."""

    def __init__(
        self, stem: str, folder: Path | None, seed: int, report: Callable[[str], None], complain: Callable[[str], None]
    ) -> None:
        self._stem, self._folder, self._seed = stem, folder, seed
        self._report, self._complain = report, complain
        self._choice = TextureChoice()
        self._playing: list[_Playing] = []
        self._broken: dict[Path, float] = {}
        self._changes = 0
        self._next_change_s = 0.0
        self._elapsed_s = 0.0

    def choose(self, choice: TextureChoice) -> None:
        """Play what `choice` asks for from the next step on; nothing happens if it already does."""
        if choice != self._choice:
            self._choice = choice
            self._next_change_s = self._elapsed_s

    def render(self, frames: int) -> NDArray[np.float32] | None:
        """The next `frames` [2, frames] float32, or None for silence."""
        if self._elapsed_s >= self._next_change_s and len(self._playing) < MOST_LOOPS:
            self._change()
        self._elapsed_s += frames / SAMPLE_RATE_HZ
        if not self._playing:
            return None
        out = np.zeros((2, frames), dtype=np.float32)
        travel = frames / SAMPLE_RATE_HZ / CROSSFADE_S
        for playing in self._playing:
            before = playing.share
            playing.share = min(1.0, before + travel) if playing.wanted else max(0.0, before - travel)
            turn = np.linspace(before, playing.share, frames, dtype=np.float32) * np.float32(np.pi / 2)
            out += playing.loop.read(frames) * (1.0 if before == playing.share == 1.0 else np.sin(turn))
        for gone in [p for p in self._playing if p.wanted == p.share == 0.0]:
            gone.loop.close()
            self._playing.remove(gone)
        return out

    def _change(self) -> None:
        """Fade out what plays and bring in the next file that can be read."""
        opened = self._open_next()
        stay = chance(self._seed, self._stem, "stay", self._changes)
        self._changes += 1
        for playing in self._playing:
            playing.wanted = 0.0
        if opened is None:
            self._next_change_s = self._elapsed_s + LOOK_AGAIN_S if self._choice.pattern else float("inf")
            self._tell("")
            return
        self._playing.append(_Playing(opened))
        self._next_change_s = self._elapsed_s + stay.uniform(SHORTEST_STAY_S, LONGEST_STAY_S)
        self._tell(opened.path.name)

    _told: str | None = None

    def _tell(self, name: str) -> None:
        if name != self._told:
            self._told = name
            self._report(name)

    def _open_next(self) -> TextureLoop | None:
        files = matching_files(self._folder, self._choice.pattern)
        current = self._playing[-1].loop.path if self._playing and self._playing[-1].wanted else None
        order = chance(self._seed, self._stem, "file", self._changes).sample(files, len(files))
        order.sort(key=lambda path: path == current)  # what plays now comes last
        for path in order:
            if self._broken.get(path) == _changed_s(path):
                continue
            try:
                return TextureLoop(path, self._choice.reverse, self._choice.octave)
            except TextureError as problem:
                self._broken[path] = _changed_s(path)
                self._complain(str(problem))
        return None

    def close(self) -> None:
        for playing in self._playing:
            playing.loop.close()
        self._playing.clear()


def _changed_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0

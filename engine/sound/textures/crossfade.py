"""What of a texture stem is heard: the loop that plays, and the crossfade to the next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.sound.layers.manual_server import STEP_FRAMES
from engine.sound.layers.table_readers import MOST_LOOPS, Reading, reading_of
from engine.sound.textures.treatment import Loop, Treatment, open_texture

CROSSFADE_S: Final = 4.0
"""From one file to the next; a mood change that glides for longer takes its time."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a loop comes from: all that `open_texture` needs to make the same one again."""

    path: Path
    treatment: Treatment
    place: float

    def open(self) -> Loop:
        """Takes up to some seconds. Raises TextureError."""
        return open_texture(self.path, self.treatment, self.place)


@dataclass(frozen=True, slots=True)
class LoopState:
    """A loop that plays: the frame it stands at, its share of the sound, and the share it is on its way to."""

    source: Source
    position: int
    crossfade_s: float
    share: float
    wanted: float


@dataclass
class _Playing:
    source: Source
    loop: Loop
    crossfade_s: float
    share: float = 0.0
    wanted: float = 1.0


class Crossfade:
    """Loops, of which at most one is there to stay."""

    def __init__(self) -> None:
        self._playing: list[_Playing] = []

    @property
    def full(self) -> bool:
        """Whether so many loops fade out that another should wait."""
        return len(self._playing) >= MOST_LOOPS

    @property
    def current(self) -> Path | None:
        """The file that is there to stay."""
        return self._playing[-1].source.path if self._playing and self._playing[-1].wanted else None

    @property
    def files(self) -> set[Path]:
        return {playing.source.path for playing in self._playing}

    @property
    def state(self) -> tuple[LoopState, ...]:
        """For `resume`."""
        return tuple(LoopState(p.source, p.loop.position, p.crossfade_s, p.share, p.wanted) for p in self._playing)

    def resume(self, playing: Iterable[tuple[LoopState, Loop]]) -> None:
        """Goes on where another fader stood, with its loops opened again."""
        self.close()
        for state, loop in playing:
            loop.position = state.position
            self._playing.append(_Playing(state.source, loop, state.crossfade_s, state.share, state.wanted))

    def change(self, source: Source | None, loop: Loop | None, crossfade_s: float = CROSSFADE_S) -> None:
        """Fade out what plays, and bring in `loop`."""
        for playing in self._playing:
            if playing.wanted:
                playing.wanted, playing.crossfade_s = 0.0, crossfade_s
        if source is not None and loop is not None:
            self._playing.append(_Playing(source, loop, crossfade_s))

    def make_room(self) -> None:
        """Minds change faster than loops fade: what is leaving goes quickly where another could not come."""
        if self.full:
            for playing in self._playing:
                playing.crossfade_s = CROSSFADE_S

    def read(self) -> tuple[Reading, ...]:
        """What the next step reads of each loop; nothing where it is silent."""
        readings = tuple(self._read(playing) for playing in self._playing)
        for gone in [p for p in self._playing if p.wanted == p.share == 0.0]:
            gone.loop.close()
            self._playing.remove(gone)
        return readings

    def _read(self, playing: _Playing) -> Reading:
        travel = STEP_FRAMES / SAMPLE_RATE_HZ / playing.crossfade_s
        share, loop = playing.share, playing.loop
        playing.share = min(1.0, share + travel) if playing.wanted else max(0.0, share - travel)
        position, loop.position = loop.position, loop.position + STEP_FRAMES
        return reading_of(loop, loop.looped, position, loop.speed, math.sin(playing.share * math.pi / 2))

    def close(self) -> None:
        for playing in self._playing:
            playing.loop.close()
        self._playing.clear()

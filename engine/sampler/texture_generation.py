"""New textures while the sampler is idle: a little at a time, for each mood in its scale, within a bound on disk.

The sampler calls `step` whenever it has no phrase to draw. A step takes some milliseconds, and steps rest long enough
between them that making textures costs a small share of one core; what takes longer happens in a thread.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.errors import AmeublementError
from engine.parameters.moods import list_moods, load_mood
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import TEXTURES
from engine.sampler.compile_first import compile_first
from engine.sound.textures.library import (
    MOST_MB,
    Recipe,
    file_name,
    finish_texture,
    make_room,
    parse_scale,
    read_in_use,
)

if TYPE_CHECKING:
    from models.textures.drawing import TextureDraw

log = logging.getLogger("textures")

LENGTH_S: Final = 40.0
SHARE: Final = 0.04
"""Of one core, on average."""
FIRST_AFTER_S: Final = 120.0
"""A run begins with phrases; the loop for textures may first have to be compiled."""
PAUSE_S: Final = 600.0
"""Between one texture and the next, and after something went wrong."""


@dataclass(frozen=True)
class TextureRequest:
    """A style and the scale (root and mode) of a mood that plays it."""

    style: str
    scale: str


class TextureGenerator:
    """Draws one texture after another for `requests` in turn; `clock` gives seconds.

    `in_use` says which files must stay when old ones make room; `prepare` comes before a network is read.
    """

    def __init__(
        self,
        requests: Sequence[TextureRequest],
        seed: int,
        folder: Path,
        network: str = "",
        most_mb: float = MOST_MB,
        clock: Callable[[], float] = time.monotonic,
        in_use: Callable[[], Iterable[Path]] = tuple,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._in_use, self._prepare = in_use, prepare
        self._requests, self._seed, self._folder = list(requests), seed, folder
        self._network, self._most_mb, self._clock = network, most_mb, clock
        self._next_s = clock() + FIRST_AFTER_S
        self._draw: TextureDraw | None = None
        self._thread = ThreadPoolExecutor(1, "texture")
        self._loading: Future[TextureDraw] | None = None
        self._finishing: Future[Path] | None = None
        self._recipe = Recipe()
        self.made = 0

    def step(self) -> bool:
        """Draws a little if it is time to; returns whether it did."""
        began_s = self._clock()
        elsewhere = self._loading or self._finishing
        if began_s < self._next_s or not self._requests or (elsewhere and not elsewhere.done()):
            return False
        try:
            self._work()
        except (AmeublementError, OSError) as error:
            log.warning("no new texture: %s", error)
            self._draw = self._loading = self._finishing = None
            self._requests.append(self._requests.pop(0))
            self._next_s = self._clock() + PAUSE_S
        else:
            took_s = self._clock() - began_s
            at_work = self._draw or self._loading
            self._next_s = self._clock() + (took_s / SHARE if at_work else PAUSE_S)
        return True

    def _work(self) -> None:
        if self._draw is None:
            self._begin(self._requests[0])
        elif not self._draw.done:
            self._draw.advance()
        elif self._finishing is None:
            self._finishing = self._thread.submit(self._finish, self._draw, self._recipe)
        else:
            log.info("new texture %s", self._finishing.result().name)
            self._draw = self._finishing = None
            self._requests.append(self._requests.pop(0))
            self.made += 1

    def _finish(self, draw: TextureDraw, recipe: Recipe) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / file_name(recipe)
        recipe = replace(recipe, drawn=draw.checksum(0))
        finish_texture(path, draw.sounds()[0], recipe, True, draw.rate_hz)  # moods ask for the top when they want it
        for gone in make_room(self._folder, self._most_mb, in_use=[*self._in_use(), path]):
            log.info("removed the oldest texture %s", gone.name)
        return path

    def _begin(self, request: TextureRequest) -> None:
        if self._loading is None:
            self._loading = self._thread.submit(self._load, request)
        elif self._loading.done():
            loading, self._loading = self._loading, None
            self._draw = loading.result()

    def _load(self, request: TextureRequest) -> TextureDraw:
        """Reads a network and makes ready to draw; the first time, loops are compiled where set-up did not."""
        self._prepare()
        from models.textures.drawing import TextureDraw
        from models.textures.network_file import load_network, networks_with
        from models.textures.sampling_preset import usual_preset

        names = [self._network] if self._network else networks_with(request.style)
        if not names:
            raise AmeublementError(f"no network here knows the style {request.style!r}")
        network = load_network(names[-1 - self.made % len(names)])  # each in turn
        preset = usual_preset(request.style)
        self._recipe = Recipe(
            style=request.style,
            network=network.name,
            era=network.era,
            weights_hash=network.hash,
            seed=self._seed + self.made,
            seconds=LENGTH_S,
            **asdict(preset),
            scale=request.scale,
        )
        classes = parse_scale(request.scale)
        draw = TextureDraw(network, request.style, 1, LENGTH_S, self._recipe.seed, classes, preset)
        draw.advance()
        return draw


def requests_of(moods: Iterable[SoundSettings]) -> list[TextureRequest]:
    """What moods ask for: of each pattern of texture files the style it begins with, in the mood's scale."""
    requests: list[TextureRequest] = []
    for mood in moods:
        for layer in (getattr(mood.layer, name) for name in TEXTURES):
            request = TextureRequest(re.split(r"[*?-]", layer.file)[0], f"{mood.scale.root} {mood.scale.mode}")
            if request.style and request not in requests:
                requests.append(request)
    return requests


def for_all_moods(folder: Path, runtime: Path) -> TextureGenerator:
    """A maker for every mood in the presets that can be read; its seeds go on from the time of day."""
    moods = []
    for name in list_moods():
        try:
            moods.append(load_mood(name))
        except AmeublementError as error:
            log.warning("no textures for the mood %s: %s", name, error)
    requests, seed = requests_of(moods), int(time.time())
    return TextureGenerator(
        requests, seed, folder, in_use=lambda: read_in_use(runtime), prepare=lambda: compile_first("textures")
    )

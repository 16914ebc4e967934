"""Where a record's textures come from: files, or recipes by which a network draws them; drawn ones are kept."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.album.plan.lengths import check_length
from engine.album.plan.sheet import TextureSource
from engine.errors import RecordError, WeightsError
from engine.files.audio.audio_file import AudioFile
from engine.files.state_folder import base_folder
from engine.sound.textures.library import texture_folders
from models.textures.sampling_preset import SamplingPreset, usual_preset

if TYPE_CHECKING:
    from models.textures.network_file import TextureNetwork

SHORTEST_S: Final = 1.0
LONGEST_TEXTURE_S: Final = 600.0
"""Of a file given as a texture, as of a drawn one. It goes round; its treatment takes four gigabytes for so much."""
MOST_KEPT_BYTES: Final = 300_000_000
"""Of drawn textures; the least lately used go first."""
_ABANDONED_S: Final = 3600.0
"""A file is written within moments; a part this old was left by a process that was killed."""


@dataclass(frozen=True)
class DrawnTexture:
    """Everything that decides how a texture is drawn; the same recipe gives the same sound."""

    style: str
    network: str
    era: str
    weights_hash: str
    seed: int
    seconds: float
    takes: int
    sampling_preset: SamplingPreset
    scale: tuple[int, ...]
    """Pitch classes asked for; none for as chance has it."""

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that depend on all of the recipe."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


def cache_folder() -> Path:
    """Where drawn textures are kept between renderings."""
    return base_folder("XDG_CACHE_HOME", ".cache") / "ameublement" / "textures"


def find_texture(name: str, folder: Path) -> Path:
    """A texture's file: beside the record, then the user's own, then in `presets/textures`.

    Raises `RecordError`, and `TextureError` where it cannot be read.
    """
    places = [folder, *texture_folders()]
    path = next((place / name for place in places if (place / name).is_file()), None)
    if path is None:
        raise RecordError(f"no texture {name!r} in {', '.join(str(place) for place in places)}")
    with AudioFile(path) as file:
        check_length(file, f"texture {path}", LONGEST_TEXTURE_S)
        if file.duration < SHORTEST_S:
            raise RecordError(f"texture {path}: {file.duration:.2f} s long; expected at least {SHORTEST_S:g} s")
    return path


def network_of(source: TextureSource) -> tuple[str, TextureNetwork]:
    """The network that draws `source`, and the name by which it is found. Raises `RecordError` or `WeightsError`."""
    from models.textures.network_file import load_network, networks_with

    names = [source.network] if source.network else networks_with(source.style)
    if not names:
        raise RecordError(f"no network knows the style {source.style!r}; train one with `textures train`")
    network = load_network(names[0], source.era)
    network.style_index(source.style)
    return names[0], network


def recipe_of(source: TextureSource, seed: int, scale: tuple[int, ...]) -> DrawnTexture:
    """`seed` is what is used where the source gives none; `scale` the track's pitch classes."""
    name, network = network_of(source)
    return DrawnTexture(
        source.style,
        name,
        network.era,
        network.hash,
        seed if source.seed is None else source.seed,
        source.seconds,
        source.takes,
        _preset(source),
        scale if source.in_scale else (),
    )


def _preset(source: TextureSource) -> SamplingPreset:
    """The usual one of the style, with what the record wants otherwise."""
    wanted = {field.name: getattr(source, field.name) for field in fields(SamplingPreset)}
    return replace(usual_preset(source.style), **{name: value for name, value in wanted.items() if value is not None})


def draw(recipe: DrawnTexture, report: Callable[[float], None]) -> Path:
    """A sound file, mono takes as channels at the network's rate, from the cache or drawn into it.

    Always the file as it was written, so a kept texture and a fresh one are the same to the last bit.
    """
    folder = cache_folder()
    path = folder / f"{recipe.key}.flac"
    if not _readable(path):
        _keep(path, *_drawn(recipe, report))
    os.utime(path)
    return path


def _drawn(recipe: DrawnTexture, report: Callable[[float], None]) -> tuple[NDArray[np.float32], int]:
    """Takes [frames x takes], each mixed to mono, and their rate."""
    from models.textures.drawing import TextureDraw, draw_all
    from models.textures.network_file import load_network

    network = load_network(recipe.network, recipe.era)
    if network.hash != recipe.weights_hash:
        raise WeightsError(f"network {recipe.network} {recipe.era} changed while a record was being rendered")
    scale = recipe.scale or None
    draw = TextureDraw(
        network,
        recipe.style,
        recipe.takes,
        recipe.seconds,
        recipe.seed,
        scale,
        recipe.sampling_preset,
    )
    sounds = draw_all(draw, report)
    return np.stack([sound.reshape(len(sound), -1).mean(axis=1) for sound in sounds], axis=1), draw.rate_hz


def _keep(path: Path, sounds: NDArray[np.float32], rate_hz: int) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(temporary, np.clip(sounds, -1.0, 1.0), rate_hz, format="FLAC", subtype="PCM_16")
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        raise RecordError(f"{path}: a drawn texture cannot be kept ({error}); is there room?") from error
    finally:
        temporary.unlink(missing_ok=True)
    for part in path.parent.glob(".*.part"):
        with suppress(FileNotFoundError):  # whose writer has just finished it
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                part.unlink()
    kept = sorted(path.parent.glob("*.flac"), key=lambda p: p.stat().st_mtime, reverse=True)
    total = 0
    for old in kept:
        total += old.stat().st_size
        if total > MOST_KEPT_BYTES and old != path:
            old.unlink(missing_ok=True)


def _readable(path: Path) -> bool:
    try:
        return path.is_file() and soundfile.info(path).frames > 0
    except (OSError, RuntimeError):
        return False

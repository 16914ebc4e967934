"""The texture folder: what lies in it, the recipe of each, and keeping it bounded.

A texture is an audio file; beside it, under the same name with `.json`, lies its recipe if a network made it or it was
imported. Textures shipped with the project are in `presets/textures`, a user's own in `textures`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.errors import AmeublementError, TextureError
from engine.files.atomic import write_whole
from engine.files.audio.audio_file import AudioFile
from engine.files.paths import ROOT, TEXTURES_FOLDER
from engine.files.state_folder import user_folder
from engine.music.scale import Scale
from engine.parameters.scales import intervals_of, pitch_class_of
from engine.sound.textures.files import textures_in

log = logging.getLogger(__name__)

SHIPPED_FOLDER: Final = TEXTURES_FOLDER
OLD_USER_FOLDER: Final = ROOT / "textures"
"""Where textures of a user lay before they had a place in the state folder; they are still found there."""
HIGHEST_PEAK: Final = 0.98
MOST_MB: Final = 500.0
"""How large the textures that the network makes by itself may grow together."""
FORMATS: Final = {".flac": ("FLAC", "PCM_16"), ".wav": ("WAV", "FLOAT"), ".opus": ("OGG", "OPUS")}
OPUS_COMPRESSION: Final = 0.8
"""About 114 kbit/s in stereo: an hour in 51 MB. Tones stand 3 to 6 dB less far out of the noise than without Opus, and
a classifier tells the sound from real sound no more surely. At 33 kbit/s it was 6 to 10 dB, and told by 0.7 to 0.99."""
DESCRIBED_S: Final = 600.0
FORMER_KEYS: Final = ("strike", "surprise", "colour", "attune")
"""In recipes of earlier versions: what was done to a draw so that it sounded. They say nothing today."""
IN_USE: Final = "textures_in_use.json"
"""Name of a file in the runtime folder."""


def user_textures() -> Path:
    """The folder for this user's own textures, drawn or brought in."""
    return user_folder("textures")


def texture_folders(own: Path | None = None) -> tuple[Path, ...]:
    """Where textures are looked for: `own` or this user's, then what came along."""
    return (own, SHIPPED_FOLDER) if own else (user_textures(), OLD_USER_FOLDER, SHIPPED_FOLDER)


@dataclass(frozen=True)
class Recipe:
    """How a texture came about: enough, with the weights of that hash, to make the same file again.

    `network` is empty for an imported one, whose `source` is the file it came from. `scale` is as in a mood, root and
    mode with a space between, or empty.
    """

    style: str = ""
    network: str = ""
    era: str = ""
    weights_hash: str = ""
    seed: int = 0
    stream: int = 0
    streams: int = 1
    temperature: float = 1.0
    guidance: float = 1.0
    noise: float = 1.0
    calibration: float = 0.0
    movement: float = 1.0
    fineness: float = 0.0
    wave_temperature: float = 0.8
    seconds: float = 0.0
    drawn: str = ""
    """Checksum of what the networks drew (`models.textures.drawing.TextureDraw.checksum`)."""
    device: str = ""
    """Empty: a processor. A card draws another sound from the same seed."""
    scale: str = ""
    source: str = ""
    licence: str = ""
    steps: tuple[str, ...] = field(default=())
    """What was done afterwards, by name of the operation in `engine.sound.textures.operations`."""


@dataclass(frozen=True)
class Entry:
    """One texture as `textures list` shows it."""

    path: Path
    length_s: float
    rate_hz: int
    key: str
    confidence: float
    centroid_hz: float
    loudness_db: float
    recipe: Recipe | None


def parse_scale(text: str) -> tuple[int, ...] | None:
    """Pitch classes of a scale such as `Db major_pentatonic`, `D major` or `A 0-3-5-7-10`; None for nothing.

    Raises `MoodError` for an unknown mode and `TextureError` for anything that is no scale.
    """
    if not text.strip():
        return None
    root, _, mode = text.strip().partition(" ")
    if root[:1].upper() not in tuple("ABCDEFG") or root[1:] not in ("", "#", "b"):
        raise TextureError(f"scale {text!r}: expected a root and a mode, as in 'D major' or 'Db major_pentatonic'")
    start = pitch_class_of(root[0].upper() + root[1:])
    return tuple(sorted((start + step) % 12 for step in intervals_of(mode or "major")))


def scale_classes(scale: Scale) -> tuple[int, ...]:
    """Pitch classes of a mood's scale."""
    return tuple(sorted((scale.root + step) % 12 for step in scale.intervals))


def recipe_path(path: Path) -> Path:
    return path.with_suffix(".json")


def read_recipe(path: Path) -> Recipe | None:
    """The recipe beside a texture; None when there is none or it cannot be read."""
    try:
        values = json.loads(recipe_path(path).read_text(encoding="utf-8"))
        values = {name: value for name, value in values.items() if name not in FORMER_KEYS}
        return Recipe(**{**values, "steps": tuple(values.get("steps", ()))})
    except (OSError, ValueError, TypeError):
        return None


def write_texture(path: Path, sound: NDArray[np.floating], rate_hz: int, recipe: Recipe) -> None:
    """Writes sound (mono or [frames x channels]) and its recipe; a name is taken only when the file is whole.

    The format follows the name: .flac (16 bit), .wav (float), .opus.

    Raises:
        TextureError: the name has another ending, or the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise TextureError(f"{path}: write textures as {', '.join(FORMATS)}")
    container, subtype = FORMATS[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    try:
        smaller = {"compression_level": OPUS_COMPRESSION} if subtype == "OPUS" else {}
        soundfile.write(temporary, sound, rate_hz, format=container, subtype=subtype, **smaller)
        text = json.dumps(asdict(recipe), indent=1, ensure_ascii=False)
        recipe_path(temporary).write_text(text + "\n", encoding="utf-8")
        os.replace(recipe_path(temporary), recipe_path(path))
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:
        raise TextureError(f"{path}: cannot be written ({error}); is there room, and a right to write?") from error
    finally:
        temporary.unlink(missing_ok=True)
        recipe_path(temporary).unlink(missing_ok=True)


def finish_texture(
    path: Path, sound: NDArray[np.float32], recipe: Recipe, raw: bool = False, rate_hz: int = 16_000
) -> None:
    """Levels a drawn texture ([frames] or [frames x 2]) and writes it; one at 16 kHz gets a top unless `raw`."""
    from engine.sound.textures.operations import restore_top
    from models.textures.audio.audio_input import resampled
    from models.textures.audio.mu_law import RATE_HZ
    from models.textures.corpus.corpus import levelled

    if raw or rate_hz != RATE_HZ:
        write_texture(path, levelled(sound, rate_hz), rate_hz, recipe)
        return
    rate_hz = 3 * RATE_HZ if path.suffix == ".opus" else 2 * RATE_HZ  # Opus knows no 32 kHz
    whole = restore_top(resampled(levelled(sound), RATE_HZ, rate_hz), rate_hz)
    whole *= min(1.0, HIGHEST_PEAK / max(1e-9, float(np.abs(whole).max())))
    write_texture(path, whole, rate_hz, replace(recipe, steps=(*recipe.steps, "restore_top")))


def entries(paths: Iterable[Path]) -> Iterator[Entry]:
    """What can be said of each texture; of a broken one it warns."""
    for path in paths:
        try:
            yield describe(path)
        except TextureError as error:
            log.warning("%s", error)


def describe(path: Path) -> Entry:
    """Length, key, centroid, loudness and recipe of a texture; raises `TextureError` when it is broken.

    What is heard is measured on the first `DESCRIBED_S`.
    """
    import pyloudnorm

    from engine.sound.textures.analysis import NOTE_NAMES, checked, chroma, estimate_key, mono
    from models.textures.audio.audio_input import read_frames
    from models.textures.corpus.corpus import centroid_hz

    sound, rate_hz = read_frames(path, DESCRIBED_S)
    whole_s = _whole_s(path) if len(sound) >= DESCRIBED_S * rate_hz else len(sound) / rate_hz
    one = mono(checked(sound, rate_hz, f"texture {path.name}"))
    key = estimate_key(chroma(one, rate_hz))
    return Entry(
        path=path,
        length_s=whole_s,
        rate_hz=int(rate_hz),
        key=f"{NOTE_NAMES[key.root]} {key.mode}" if key.confidence > 0 else "none",
        confidence=key.confidence,
        centroid_hz=centroid_hz(one, rate_hz),
        loudness_db=float(pyloudnorm.Meter(rate_hz).integrated_loudness(one.astype(np.float64))),
        recipe=read_recipe(path),
    )


def _whole_s(path: Path) -> float:
    with AudioFile(path) as file:
        return file.duration


def by_scale(paths: Sequence[Path], classes: Iterable[int]) -> list[Path]:
    """Textures in the order a mood should choose them: first those made for a scale inside its own, then those of
    no known scale, last those with foreign tones; within each in the order given."""
    members = set(classes)

    def foreign(path: Path) -> int:
        recipe = read_recipe(path)
        try:
            made_for = parse_scale(recipe.scale) if recipe else None
        except AmeublementError:  # a recipe edited by hand must not stop a room
            made_for = None
        return 1 if made_for is None else 2 * len(set(made_for) - members)

    return sorted(paths, key=foreign)


def make_room(
    folder: Path, most_mb: float = MOST_MB, coming_mb: float = 0.0, in_use: Iterable[Path] = ()
) -> list[Path]:
    """Removes the oldest textures that a network made into `folder`, until all of those fit `most_mb`.

    Imported files and files without a recipe are somebody's own: they are neither counted nor touched. Files `in_use`
    are counted, but left.
    """
    own = [path for path in textures_in([folder]) if (recipe := read_recipe(path)) and recipe.network]
    own.sort(key=lambda path: (path.stat().st_mtime, path.name))
    total_mb = coming_mb + sum(path.stat().st_size for path in own) / 1e6
    kept = {path.resolve() for path in in_use}
    idle = [path for path in own if path.resolve() not in kept]
    removed = []
    while idle and total_mb > most_mb:
        path = idle.pop(0)
        total_mb -= path.stat().st_size / 1e6
        path.unlink(missing_ok=True)
        recipe_path(path).unlink(missing_ok=True)
        removed.append(path)
    return removed


def write_in_use(runtime: Path, paths: Iterable[Path]) -> None:
    """Says in the runtime folder which textures the renderer uses, for the sampler, which removes old ones."""
    write_whole(runtime / IN_USE, json.dumps(sorted(str(path.resolve()) for path in paths)))


def read_in_use(runtime: Path) -> set[Path]:
    """The textures that the renderer uses; none while it has not said so."""
    try:
        return {Path(text) for text in json.loads((runtime / IN_USE).read_text("utf-8"))}
    except (OSError, ValueError, TypeError):
        return set()


def file_name(recipe: Recipe, suffix: str = ".flac") -> str:
    """A name that says what it is and begins with the style: `pads-D_major-late-7-0.flac`."""
    parts: list[Any] = [recipe.style, recipe.scale.replace(" ", "_"), recipe.era, recipe.seed, recipe.stream]
    return "-".join(str(part) for part in parts if part != "") + suffix

"""`recipe.json`: everything that made a record, and the notes it came to; `render recipe.json` makes it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from engine.checked_yaml import Document, explained
from engine.errors import RecordError
from engine.processes import ROOT
from engine.record.credits import performers
from engine.record.music import laid_out, played_from_json, played_to_json
from engine.record.output_folder import RECIPE_FILE
from engine.record.performance import Played
from engine.record.plan import PlannedClip, PlannedTrack, Planner, RecordPlan, load_plan
from engine.record.sheet import Record
from engine.record.sources import DrawnTexture
from models.weight_files import content_hash, weights_path

if TYPE_CHECKING:
    from engine.record.rendering import Order
    from engine.record.tasks import FinishedTrack

FORMAT: Final = 2
_INDENTED_LEVELS: Final = 4
"""A section, a clip or a phrase has one line."""


def write_recipe(
    folder: Path,
    plan: RecordPlan,
    order: Order,
    sources: Mapping[tuple[int, str], DrawnTexture | Path],
    tracks: Sequence[FinishedTrack],
    played: Mapping[int, Played],
    software: str,
) -> None:
    """Writes the recipe into `folder`."""
    record = plan.record.model_dump(mode="json", by_alias=True, exclude_unset=True)
    contents = {
        "format": FORMAT,
        "made_with": software,
        "seed": order.seed,
        "rate_hz": order.rate_hz,
        "record": record,
        "record_is": _digest(record),
        "folder": _portable(plan.folder),
        "performers": {name: content_hash(weights_path(name)) for name in performers(plan)},
        "textures": [_texture(track, name, source) for (track, name), source in sources.items()],
        "soundfont": _file(order.soundfont) if order.soundfont else None,
        "tracks": [_track(plan, finished, played[finished.number]) for finished in tracks],
    }
    (folder / RECIPE_FILE).write_text(laid_out(contents, _INDENTED_LEVELS) + "\n", "utf-8")


def _portable(folder: Path) -> str:
    """Within this project as seen from its root, so that recipes of two machines are the same."""
    whole = folder.resolve()
    return str(whole.relative_to(ROOT) if whole.is_relative_to(ROOT) else whole)


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


def read_recipe_file(folder_or_file: Path) -> dict[str, Any]:
    """The contents of a recipe. Raises `RecordError` when there is none or it is of another kind."""
    path = folder_or_file / RECIPE_FILE if folder_or_file.is_dir() else folder_or_file
    try:
        contents = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RecordError(f"{path}: cannot be read: {error.strerror}; expected a folder made by `render`") from None
    except ValueError as error:
        raise RecordError(f"{path}: is damaged ({error}); render the record again") from None
    if not isinstance(contents, dict) or contents.get("format") != FORMAT:
        raise RecordError(f"{path}: no recipe of a record that this version knows; render the record again")
    return contents


def record_in(recipe: Mapping[str, Any], path: Path) -> Record:
    """The record that a recipe from `path` says, which somebody may have edited. Raises `RecordError`."""
    try:
        return Record.model_validate(recipe.get("record"))
    except ValidationError as problem:
        raise RecordError(explained(problem, path, Record, "record")) from None


@dataclass(frozen=True)
class Remembered:
    """What a recipe says besides the record itself.

    `music` is what each track's voices played, by number, and empty where somebody changed the record in the recipe:
    the notes would not be those of its sections any more, and are drawn again.
    """

    seed: int
    music: Mapping[int, Played] = field(default_factory=dict)


def opened(path: Path) -> tuple[RecordPlan, Remembered | None]:
    """The plan in a record's YAML file, or in a recipe with what else it says. Raises `RecordError`."""
    if path.suffix.lower() != ".json":
        return load_plan(path), None
    contents = read_recipe_file(path)
    try:
        record = record_in(contents, path)
        same = _digest(contents["record"]) == contents["record_is"]
        tracks = contents["tracks"] if same else ()
        music = {int(track["number"]): played_from_json(track["phrases"]) for track in tracks}
        remembered = Remembered(int(contents["seed"]), music)
        folder = ROOT / contents["folder"]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{path}: is damaged ({error}); render the record again") from None
    return Planner(Document(folder / path.name, record, {})).plan(), remembered


def _texture(track: int, name: str, source: DrawnTexture | Path) -> dict[str, Any]:
    made = asdict(source) if isinstance(source, DrawnTexture) else _file(source)
    return {"track": track, "name": name, **made}


def _file(path: Path) -> dict[str, str]:
    with path.open("rb") as file:
        return {"file": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def _track(plan: RecordPlan, finished: FinishedTrack, played: Played) -> dict[str, Any]:
    track = plan.tracks[finished.number - 1]
    return {
        "number": track.number,
        "slug": track.slug,
        "title": track.track.title,
        "scale": {"root": track.track.scale.root, "mode": track.track.scale.mode},
        "length_s": track.length_s,
        "frames": finished.frames,
        "lufs": round(finished.lufs, 2),
        "true_peak_dbtp": round(finished.true_peak_dbtp, 2),
        "stems": list(finished.stems),
        "sections": [
            {"name": s.name, "start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "about": s.section.about}
            for s in track.sections
        ],
        "clips": [_clip(track, clip, finished) for clip in track.clips],
        "vocoder": track.track.vocoder is not None,
        "phrases": played_to_json(played),
    }


def _clip(track: PlannedTrack, planned: PlannedClip, finished: FinishedTrack) -> dict[str, Any]:
    clip, layer = planned.clip, getattr(track.track.layer, planned.clip.stem)
    return {
        "texture": clip.texture,
        "take": clip.take,
        "stem": clip.stem,
        "copy": clip.copy_as,
        "start_s": round(planned.start_s, 6),
        "end_s": round(planned.end_s, 6),
        "offset_s": clip.offset_s,
        "fades_s": [clip.fade_in_s, clip.fade_out_s],
        "round_s": round(finished.rounds_s[clip.texture], 6),
        "cuts_hz": [layer.highpass_hz, layer.lowpass_hz],
        "lowered": track.track.textures[clip.texture].operations.lower_noisy is not None,
    }

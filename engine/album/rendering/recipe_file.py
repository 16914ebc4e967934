"""Writes `recipe.json`: everything that made a record, and the notes it came to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from engine.album.output_folder import RECIPE_FILE
from engine.album.performance.music import laid_out, played_to_json, tunes_to_json
from engine.album.performance.played import Played
from engine.album.plan.plan import PlannedClip, PlannedTrack, RecordPlan
from engine.album.plan.sources import DrawnTexture
from engine.album.recipe import FORMAT, digest
from engine.album.rendering.order import Order
from engine.album.rendering.tasks import FinishedTrack
from engine.album.sleeve.credits import performers
from engine.files.paths import ROOT
from models.common.weights import content_hash, weights_path

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
        "record_is": digest(record),
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
        "limited": round(finished.limited, 5),
        "stems": list(finished.stems),
        "sections": [
            {"name": s.name, "start_s": round(s.start_s, 3), "end_s": round(s.end_s, 3), "about": s.section.about}
            for s in track.sections
        ],
        "clips": [_clip(track, clip, finished) for clip in track.clips],
        "themes": tunes_to_json(played),
        "takes": dict(played.takes),
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

"""From a plan and a seed to a finished folder: which tasks there are, which wait for which, and what comes last."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.album.output_folder import OutputFolder
from engine.album.plan.plan import PlannedTrack, RecordPlan, earlier_track
from engine.album.plan.sources import DrawnTexture, find_texture, recipe_of
from engine.album.rendering.gapless import write_checksums
from engine.album.rendering.order import SOFTWARE, Order
from engine.album.rendering.recipe_file import write_recipe
from engine.album.rendering.tasks import (
    Finish,
    FinishedTrack,
    Place,
    assemble,
    compress,
    make_texture,
    master,
    play,
    print_sleeve,
    render,
    write_stems,
)
from engine.album.rendering.workers import Pool, Report, Task
from engine.album.sleeve.credits import write_credits
from engine.album.sound_files.audio_files import Tags
from engine.music.scale import Scale
from engine.parameters.sound import SoundSettings
from engine.parameters.stems import RETURNS, STEMS, VOICES
from engine.seeding import seed_from

_BYTES_PER_S: Final = 6 * 48_000
"""Of stereo at 24 bit; FLAC needs less."""
_RAW_BYTES_PER_S: Final = 8 * 48_000
_WEIGHTS: Final = {"texture": 0.35, "play": 0.04, "render": 0.06, "finish": 0.02}
"""Likely seconds of work per second of sound."""
_SLEEVE_WEIGHT: Final = 5.0
STEM_TASKS: Final = 2
"""A track's stems are written by so many tasks."""
_RUNTIME_FILE: Final = "work"


@dataclass(frozen=True)
class Result:
    """A finished record in `folder`."""

    folder: Path
    tracks: tuple[FinishedTrack, ...]
    takes: dict[int, dict[str, int]]
    """Which take of each section it is made of, by number of the track."""


def needed_bytes(plan: RecordPlan) -> int:
    """About how much disk rendering takes at its height: tracks twice, album, stems, and stems as they are made."""
    total = 0.0
    for track in plan.tracks:
        stems = len(sounding_stems(track))
        total += track.length_s * (_BYTES_PER_S * (3 + 0.6 * stems) + _RAW_BYTES_PER_S * stems)
    return round(total)


def sounding_stems(track: PlannedTrack) -> tuple[str, ...]:
    """Stems of a track that may sound at all."""
    clips = {planned.clip.stem for planned in track.clips}
    played = [s.settings.voice for s in track.sections if not s.section.rest]
    voices = {name for name in VOICES if any(getattr(voice, name).density > 0.0 for voice in played)}
    heard = clips | voices | ({"reverse"} if played else set())
    heard |= set(RETURNS) if heard else set()
    return tuple(stem for stem in STEMS if stem in heard)


def texture_sources(plan: RecordPlan, seed: int) -> dict[tuple[int, str], DrawnTexture | Path]:
    """Recipe or file of every texture, by track number and name."""
    sources: dict[tuple[int, str], DrawnTexture | Path] = {}
    for track in plan.tracks:
        for name, source in track.track.textures.items():
            if source.file:
                sources[track.number, name] = find_texture(source.file, plan.folder)
            else:
                own = seed_from(seed, "texture", track.number, name) & 0x7FFFFFFF
                sources[track.number, name] = recipe_of(source, own, _scale_classes(track.settings))
    return sources


def render_record(plan: RecordPlan, order: Order, folder: OutputFolder, report: Report) -> Result:
    """Renders everything into `folder.work` and gives it its name; nothing half done stays, whatever happens.

    Raises `RecordError`; on KeyboardInterrupt the workers are ended and the folder removed before it goes on up.
    """
    place = Place(folder.work / _RUNTIME_FILE, folder.work)
    try:
        place.work.mkdir()
        with Pool() as pool:  # whose workers start while recipes are looked up
            sources = texture_sources(plan, order.seed)
            results = pool.run(_tasks(plan, order, sources, place), lambda share: report(0.98 * share))
        tracks = tuple(results[f"master {track.number}"] for track in plan.tracks)
        played = {track.number: results[f"play {track.number}"] for track in plan.tracks}
        write_credits(place.out / "credits.md", plan, sources, order.soundfont, SOFTWARE)
        write_recipe(place.out, plan, order, sources, tracks, played, SOFTWARE)
        shutil.rmtree(place.work)
        write_checksums(folder.work)
        folder.finish()
    except BaseException:
        folder.abandon()
        raise
    report(1.0)
    return Result(folder.path, tracks, {number: dict(one.takes) for number, one in played.items() if one.takes})


def _tags(plan: RecordPlan, order: Order, track: PlannedTrack | None = None) -> Tags:
    record = plan.record
    return Tags(
        title=track.track.title if track else record.title,
        artist=record.artist,
        album=record.title,
        tracknumber=str(track.number) if track else "",
        comment=f"seed {order.seed}",
        software=SOFTWARE,
    )


def _tasks(
    plan: RecordPlan, order: Order, sources: dict[tuple[int, str], DrawnTexture | Path], place: Place
) -> list[Task]:
    """All tasks; the pool begins with those on which most depends."""
    tasks: list[Task] = []
    for track in plan.tracks:
        number = track.number
        heard = [text for s in track.sections for text in (s.section.continues, s.section.theme)]
        earlier = sorted({found[0] for text in heard if (found := earlier_track(text))})
        arguments = (track, plan.folder, order.seed, earlier, order.music.get(number), place, order.takes_of(number))
        tasks.append(
            Task(f"play {number}", play, arguments, [f"play {n}" for n in earlier], _WEIGHTS["play"] * track.length_s)
        )
    for (number, name), source in sources.items():
        track = plan.tracks[number - 1]
        sheet = track.track.textures[name]
        classes = _scale_classes(track.settings)
        arguments_of = (source, sheet.operations, classes, name, place.texture(number, name))
        weight = _WEIGHTS["texture"] * sheet.seconds * sheet.takes if isinstance(source, DrawnTexture) else 1.0
        tasks.append(Task(f"texture {number} {name}", make_texture, arguments_of, (), weight))
    for track in plan.tracks:
        number = track.number
        needs = [f"play {number}", *(f"texture {number} {name}" for name in track.track.textures)]
        seed = seed_from(order.seed, "sound", number) & 0x7FFFFFFF
        weight = _WEIGHTS["render"] * track.length_s
        tasks.append(Task(f"render {number}", render, (track, seed, order.soundfont, place), needs, weight))
    return [*tasks, *_finishing(plan, order, place)]


def _finishing(plan: RecordPlan, order: Order, place: Place) -> Iterator[Task]:
    """What is left to do once a track is rendered, in pieces, so that the last track keeps all cores busy as well."""
    for track in plan.tracks:
        number, weight = track.number, _WEIGHTS["finish"] * track.length_s
        own = (track, Finish(order.rate_hz, plan.record.master, _tags(plan, order, track)), place)
        yield Task(f"master {number}", master, own, [f"render {number}"], weight)
        yield Task(f"compress {number}", compress, own, [f"master {number}"], weight)
        for part in range(STEM_TASKS):
            name = f"stems {number} {part}"
            yield Task(name, write_stems, (*own, (part, STEM_TASKS)), [f"master {number}"], weight)
    whole = _WEIGHTS["finish"] * plan.length_s
    made, shown = ([f"{what} {track.number}" for track in plan.tracks] for what in ("master", "compress"))
    yield Task("album", assemble, (plan, order.rate_hz, _tags(plan, order), place), made, whole)
    yield Task("sleeve", print_sleeve, (plan, place), shown, _SLEEVE_WEIGHT)


def _scale_classes(settings: SoundSettings) -> tuple[int, ...]:
    scale = Scale.from_settings(settings.scale)
    return tuple(sorted((scale.root + step) % 12 for step in scale.intervals))

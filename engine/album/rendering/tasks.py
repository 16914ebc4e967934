"""What the worker processes do for a record: make textures, play tracks, render, master and write them.

Each is a pure function of its arguments and of what earlier tasks left in the work folder.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engine.album.performance.performance import Performer, Takes, perform
from engine.album.performance.played import Played
from engine.album.plan.plan import PlannedTrack, RecordPlan
from engine.album.plan.sheet import MasterSettings, TextureOperations
from engine.album.plan.sources import DrawnTexture, draw
from engine.album.rendering.workers import Report
from engine.album.sound_files.audio_files import Tags, blocks, whole_blocks, write_audio
from engine.album.sound_files.stem_store import StemReader, StemWriter
from engine.errors import RecordError
from engine.music.midi.writing import write_voices
from engine.parameters.stems import SAMPLE_RATE_HZ

SLEEVE_COLUMNS: Final = 1500
"""Of each track's spectrogram."""


@dataclass(frozen=True)
class Place:
    """Where files of a rendering lie: `work` for what is between tasks, `out` for what stays."""

    work: Path
    out: Path

    def texture(self, track: int, name: str) -> Path:
        return self.work / f"texture-{track}-{name}.npy"

    def played(self, track: int) -> Path:
        return self.work / f"played-{track}.pickle"

    def stems(self, track: int) -> Path:
        return self.work / f"stems-{track}"

    def gain(self, track: int) -> Path:
        return self.work / f"gain-{track}.npy"

    def spectrogram(self, track: int) -> Path:
        return self.work / f"spectrogram-{track}.npy"

    def load_played(self, track: int) -> Played:
        played: Played = pickle.loads(self.played(track).read_bytes())  # noqa: S301 - our own file of a minute ago
        return played


@dataclass(frozen=True)
class Finish:
    """How a track is finished: rate of the files, loudness, tags."""

    rate_hz: int
    master: MasterSettings
    tags: Tags


@dataclass(frozen=True)
class FinishedTrack:
    """What was made of a track, and measured. `stems` are those that sound; `rounds_s` is how long each texture is."""

    number: int
    frames: int
    lufs: float
    true_peak_dbtp: float
    stems: tuple[str, ...]
    rounds_s: dict[str, float]
    limited: float = 0.0


def make_texture(
    report: Report,
    source: DrawnTexture | Path,
    operations: TextureOperations,
    scale: tuple[int, ...],
    name: str,
    target: Path,
) -> None:
    """Draws a texture or takes its file, does its operations, and leaves it in `target`, [takes x frames] at 48 kHz."""
    from engine.album.rendering.air import read_given, read_takes, treated

    if isinstance(source, Path):
        takes, rate_hz = read_given(source)
    else:
        takes, rate_hz = read_takes(draw(source, lambda share: report(0.9 * share)))
    ready = [treated(take, rate_hz, operations, scale, name) for take in takes]
    shortest = min(map(len, ready))
    np.save(target, np.stack([take[:shortest] for take in ready]))


def play(
    report: Report,
    track: PlannedTrack,
    folder: Path,
    seed: int,
    earlier: Sequence[int],
    known: Played | None,
    place: Place,
    takes: Takes | None = None,
) -> Played:
    """The notes of a track, kept for later tasks as well; `earlier` are the tracks it goes on from.

    Nothing is drawn where a recipe already has them.
    """
    before = {number: place.load_played(number) for number in earlier}
    played = known or perform(track, folder, seed, before, performer_of, report, takes)
    place.played(track.number).write_bytes(pickle.dumps(played))
    return played


@functools.cache
def performer_of(name: str) -> Performer:
    """A performer of that name, and its critic; once loaded it stays with the worker."""
    from engine.album.performance.pianist import Pianist

    return Pianist(name)


def render(report: Report, track: PlannedTrack, seed: int, soundfont: Path | None, place: Place) -> None:
    """Renders the stems of a track into the work folder, as the engine makes them."""
    from engine.album.rendering.timeline import render_track, track_frames

    sounds = {name: np.load(place.texture(track.number, name), mmap_mode="r") for name in track.track.textures}
    total, played = track_frames(track), place.load_played(track.number)
    with StemWriter(place.stems(track.number)) as writer:
        for number, stems in enumerate(render_track(track, played, sounds, seed, soundfont)):
            writer.add(stems)
            if number % 20 == 0:
                report(writer.frames / total)


def master(report: Report, track: PlannedTrack, finish: Finish, place: Place) -> FinishedTrack:
    """The stems summed and brought to their loudness: the track as WAV, its MIDI, and the gain that its stems get.

    Raises:
        RecordError: the track is silent.
    """
    from engine.album.sound_files.mastering import SILENT_LUFS, mastered
    from engine.album.sound_files.resampling import at_rate

    reader = StemReader(place.stems(track.number))
    mix, gain, loudness = mastered(at_rate(reader.mix(), finish.rate_hz), finish.rate_hz, finish.master)
    if loudness.lufs <= SILENT_LUFS:
        raise RecordError(
            f"track {track.number}, {track.track.title!r}, is silent; look at its levels, and at the SoundFont "
            "(--soundfont names another)"
        )
    report(0.9)
    np.save(place.gain(track.number), gain)
    write_audio(place.out / f"{track.slug}.wav", blocks(mix), finish.rate_hz, finish.tags)
    scores = [(item.start_s, item.score) for item in place.load_played(track.number).placed]
    if scores:
        write_voices(place.out / "midi" / track.slug, scores, track.settings.voice)
    lengths = {name: _length_s(place.texture(track.number, name)) for name in track.track.textures}
    figures = (loudness.lufs, loudness.true_peak_dbtp)
    return FinishedTrack(track.number, len(mix), *figures, reader.names, lengths, loudness.limited)


def compress(report: Report, track: PlannedTrack, finish: Finish, place: Place) -> None:
    """The finished track as FLAC, and what the sleeve shows of it."""
    from engine.album.sleeve.spectra import pitch_spectrogram

    made = place.out / f"{track.slug}.wav"
    write_audio(place.out / f"{track.slug}.flac", whole_blocks(made), finish.rate_hz, finish.tags)
    report(0.7)
    np.save(place.spectrogram(track.number), pitch_spectrogram(made, SLEEVE_COLUMNS))


def write_stems(report: Report, track: PlannedTrack, finish: Finish, place: Place, share: tuple[int, int]) -> None:
    """Stems of a track as FLAC, which sum to it: the `share`[0]th of every `share`[1], from 0."""
    from engine.album.sound_files.resampling import at_rate

    reader, gain = StemReader(place.stems(track.number)), np.load(place.gain(track.number), mmap_mode="r")
    folder = place.out / "stems" / track.slug
    folder.mkdir(parents=True, exist_ok=True)
    names = reader.names[share[0] :: share[1]]
    for done, name in enumerate(names):
        tags = Tags(title=f"{finish.tags.title}: {name}", artist=finish.tags.artist, album=finish.tags.album)
        stem = at_rate(reader.stem(name), finish.rate_hz)
        write_audio(folder / f"{name}.flac", blocks(stem, gain), finish.rate_hz, tags)
        report((done + 1) / len(names))


def assemble(report: Report, plan: RecordPlan, rate_hz: int, tags: Tags, place: Place) -> None:
    """The album as one file, with its cue sheet."""
    from engine.album.rendering.gapless import write_album

    write_album(place.out, plan, rate_hz, tags, report)


def print_sleeve(report: Report, plan: RecordPlan, place: Place) -> None:
    """The sleeve, from the notes and spectrograms that earlier tasks left."""
    from engine.album.sleeve.sleeve import write_sleeve

    numbers = [track.number for track in plan.tracks]
    played = {number: place.load_played(number) for number in numbers}
    write_sleeve(place.out, plan, played, [np.load(place.spectrogram(number)) for number in numbers])


def _length_s(texture: Path) -> float:
    return float(np.load(texture, mmap_mode="r").shape[1] / SAMPLE_RATE_HZ)

"""What the worker processes do for a record: make a texture, play a track, render it, finish it.

Each is a pure function of its arguments and of what earlier tasks left in the work folder.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.midi_files import write_voices
from engine.record.audio_files import Tags, blocks, write_audio
from engine.record.performance import Performer, Played, perform
from engine.record.plan import PlannedTrack
from engine.record.sheet import MasterSettings, TextureOperations
from engine.record.sources import DrawnTexture, draw
from engine.record.stem_store import StemReader, StemWriter
from engine.record.workers import Report
from engine.reel_format import SAMPLE_RATE_HZ


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


def make_texture(
    report: Report,
    source: DrawnTexture | Path,
    operations: TextureOperations,
    scale: tuple[int, ...],
    name: str,
    target: Path,
) -> None:
    """Draws a texture or takes its file, does its operations, and leaves it in `target`, [takes x frames] at 48 kHz."""
    from engine.record.air import read_takes, treated

    path = draw(source, lambda share: report(0.9 * share)) if isinstance(source, DrawnTexture) else source
    takes, rate_hz = read_takes(path)
    if isinstance(source, Path):
        takes = takes.mean(axis=0, keepdims=True)
    ready = [treated(take, rate_hz, operations, scale, name) for take in takes]
    shortest = min(map(len, ready))
    np.save(target, np.stack([take[:shortest] for take in ready]))


def play(
    report: Report, track: PlannedTrack, folder: Path, seed: int, earlier: Sequence[int], place: Place
) -> Played:
    """The notes of a track, kept for later tasks as well; `earlier` are the tracks it goes on from."""
    before = {number: place.load_played(number) for number in earlier}
    played = perform(track, folder, seed, before, performer_of, report)
    place.played(track.number).write_bytes(pickle.dumps(played))
    return played


@functools.cache
def performer_of(name: str) -> Performer:
    """A performer of that name; once loaded it stays with the worker."""
    from models import performer
    from models.weight_files import weights_path

    return performer.Performer(name, weights_path(name))


def render(report: Report, track: PlannedTrack, seed: int, soundfont: Path | None, place: Place) -> None:
    """Renders the stems of a track into the work folder, as the engine makes them."""
    from engine.record.timeline import render_track, track_frames

    sounds = {name: np.load(place.texture(track.number, name), mmap_mode="r") for name in track.track.textures}
    total, played = track_frames(track), place.load_played(track.number)
    with StemWriter(place.stems(track.number)) as writer:
        for number, stems in enumerate(render_track(track, played, sounds, seed, soundfont)):
            writer.add(stems)
            if number % 20 == 0:
                report(writer.frames / total)


def finish(report: Report, track: PlannedTrack, finish: Finish, place: Place) -> FinishedTrack:
    """From stems to files: rate, loudness, track as FLAC and WAV, each stem as FLAC, each voice as MIDI."""
    from engine.record.mastering import master_gain, measured
    from engine.record.resampling import at_rate

    reader = StemReader(place.stems(track.number))
    mix = at_rate(reader.mix(), finish.rate_hz)
    gain = master_gain(mix, finish.rate_hz, finish.master)
    mix *= gain
    report(0.3)
    for suffix in (".flac", ".wav"):
        write_audio(place.out / f"{track.slug}{suffix}", blocks(mix), finish.rate_hz, finish.tags)
    folder = place.out / "stems" / track.slug
    folder.mkdir(parents=True)
    for done, name in enumerate(reader.names):
        tags = Tags(title=f"{finish.tags.title}: {name}", artist=finish.tags.artist, album=finish.tags.album)
        stem = at_rate(reader.stem(name), finish.rate_hz)
        write_audio(folder / f"{name}.flac", blocks(stem, gain), finish.rate_hz, tags)
        report(0.4 + 0.6 * done / len(reader.names))
    scores = [(item.start_s, item.score) for item in place.load_played(track.number).placed]
    write_voices(place.out / "midi" / track.slug, scores, track.settings.voice)
    lengths = {name: _length_s(place.texture(track.number, name)) for name in track.track.textures}
    loudness = measured(mix, finish.rate_hz)
    return FinishedTrack(track.number, len(mix), loudness.lufs, loudness.true_peak_dbtp, reader.names, lengths)


def _length_s(texture: Path) -> float:
    return float(np.load(texture, mmap_mode="r").shape[1] / SAMPLE_RATE_HZ)

"""Reads a folder of anybody's MIDI as piano performances; what cannot be read is reported and skipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import mido
import numpy as np

from engine.errors import MidiError
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

DRUM_CHANNEL = 9
SUSTAIN_CONTROLLER = 64
LARGEST_FILE_BYTES = 16_000_000
LONGEST_PERFORMANCE_S = 6 * 3600.0
MICROSECONDS_PER_BEAT = 500_000


@dataclass(frozen=True)
class Performance:
    """One file's playing; `phrase` may last an hour."""

    name: str
    phrase: Phrase


@dataclass(frozen=True)
class Skipped:
    """A file that could not be used, and why."""

    path: Path
    why: str


def read_corpus(folder: Path) -> tuple[list[Performance], list[Skipped]]:
    """All performances below `folder`, in order of their names, and the files that were skipped.

    Raises:
        MidiError: no such folder, or nothing in it can be used.
    """
    if not folder.is_dir():
        raise MidiError(f"{folder}: no such folder; expected a folder with .mid files")
    files = sorted(p for p in folder.rglob("*") if p.suffix.lower() in {".mid", ".midi", ".kar"})
    performances: list[Performance] = []
    skipped: list[Skipped] = []
    for path in files:
        try:
            performances.append(Performance(str(path.relative_to(folder)), read_performance(path)))
        except MidiError as error:
            skipped.append(Skipped(path, str(error)))
    if not performances:
        found = f"{len(files)} MIDI files, none usable: {skipped[0].why}" if skipped else "no .mid files"
        raise MidiError(f"{folder}: {found}; expected MIDI files with notes")
    return performances, skipped


def read_performance(path: Path) -> Phrase:
    """Notes and pedal of a MIDI file of type 0, 1 or 2, tempo map applied, drums left out.

    Raises:
        MidiError: the file is missing, damaged, too large, or holds no notes.
    """
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise MidiError(f"{path}: larger than {LARGEST_FILE_BYTES // 1_000_000} MB; split it into pieces")
        contents = BytesIO(path.read_bytes())  # of a file, mido makes room for whatever a damaged length claims
        midi = mido.MidiFile(file=contents, clip=True)
        phrase = _phrase(midi)
    except MidiError:
        raise
    except Exception as error:  # mido raises whatever a damaged file leads it into
        raise MidiError(f"{path}: not a readable MIDI file ({type(error).__name__}: {error})") from error
    if not phrase.notes:
        raise MidiError(f"{path}: holds no notes outside the drum channel")
    if phrase.length_s > LONGEST_PERFORMANCE_S:
        raise MidiError(f"{path}: lasts {phrase.length_s / 3600:.0f} hours; expected at most 6")
    return phrase


def _phrase(midi: mido.MidiFile) -> Phrase:
    if midi.type != 2:
        return _reader(midi, list(midi.tracks)).phrase(0.0)
    parts: list[Phrase] = []
    for track in midi.tracks:  # type 2: independent patterns, played one after the other
        parts.append(_reader(midi, [track]).phrase(max((p.length_s for p in parts), default=0.0)))
    return Phrase(sorted_notes(n for p in parts for n in p.notes), tuple(sorted(s for p in parts for s in p.pedal)))


def _reader(midi: mido.MidiFile, tracks: list[mido.MidiTrack]) -> _Reader:
    reader = _Reader(midi.ticks_per_beat)
    for tick, message in _merged(tracks):
        reader.take(tick, message)
    reader.finish()
    return reader


def _merged(tracks: list[mido.MidiTrack]) -> Iterator[tuple[int, mido.Message]]:
    """(absolute tick, message) of all tracks in time; at equal ticks releases come before new notes."""
    rows: list[tuple[int, int, int, mido.Message]] = []
    for track in tracks:
        tick = 0
        for message in track:
            tick += message.time
            strikes = message.type == "note_on" and message.velocity > 0
            if message.type in {"note_on", "note_off", "set_tempo"} or _is_sustain(message):
                rows.append((tick, int(strikes), len(rows), message))
    rows.sort(key=lambda row: row[:3])
    return ((tick, message) for tick, _, _, message in rows)


def _is_sustain(message: mido.Message) -> bool:
    return message.type == "control_change" and message.control == SUSTAIN_CONTROLLER


class _Reader:
    """Collects notes and pedal in ticks, then turns ticks into seconds with the tempo map."""

    def __init__(self, ticks_per_beat: int) -> None:
        self._tick = 0
        self._down: dict[tuple[int, int], tuple[int, int]] = {}
        self._pedal_down: dict[int, int] = {}
        self._notes: list[tuple[int, int, int, int]] = []
        self._pedal: list[tuple[int, int]] = []
        self._tempo_ticks, self._tempo_s = [0], [0.0]
        self._smpte_s = _smpte_tick_s(ticks_per_beat)
        self._ticks_per_beat = max(1, ticks_per_beat)
        self._tick_s = self._smpte_s or MICROSECONDS_PER_BEAT / 1e6 / self._ticks_per_beat

    def take(self, tick: int, message: mido.Message) -> None:
        self._tick = tick
        if message.type == "set_tempo":
            self._set_tempo(message.tempo)
        elif message.channel == DRUM_CHANNEL:
            return
        elif message.type == "control_change":
            self._set_pedal(message.channel, message.value >= 64)
        elif message.type == "note_on" and message.velocity > 0:
            self._release(message.channel, message.note)
            self._down[message.channel, message.note] = (tick, message.velocity)
        else:
            self._release(message.channel, message.note)

    def finish(self) -> None:
        for channel, pitch in list(self._down):
            self._release(channel, pitch)
        for channel in list(self._pedal_down):
            self._set_pedal(channel, False)

    def phrase(self, offset_s: float) -> Phrase:
        if not self._notes:
            return Phrase(())
        ticks = np.array([(on, off) for on, off, _, _ in self._notes], float)
        on_s, off_s = self._seconds(ticks[:, 0]) + offset_s, self._seconds(ticks[:, 1]) + offset_s
        notes = (
            Note(float(a), pitch, float(max(b - a, 0.01)), velocity)
            for a, b, (_, _, pitch, velocity) in zip(on_s, off_s, self._notes, strict=True)
        )
        spans = np.array(self._pedal, float).reshape(-1, 2)
        starts, ends = self._seconds(spans[:, 0]) + offset_s, self._seconds(spans[:, 1]) + offset_s
        return Phrase(sorted_notes(notes), _joined(list(zip(starts.tolist(), ends.tolist(), strict=True))))

    def _set_tempo(self, microseconds_per_beat: int) -> None:
        if self._smpte_s or microseconds_per_beat <= 0:
            return
        self._tempo_s.append(float(self._seconds(np.array([self._tick], float))[0]))
        self._tempo_ticks.append(self._tick)
        self._tick_s = microseconds_per_beat / 1e6 / self._ticks_per_beat

    def _seconds(self, ticks: np.ndarray) -> np.ndarray:
        last_tick = self._tempo_ticks[-1]
        inside = np.interp(ticks, self._tempo_ticks, self._tempo_s)
        return np.where(ticks > last_tick, self._tempo_s[-1] + (ticks - last_tick) * self._tick_s, inside)

    def _set_pedal(self, channel: int, held: bool) -> None:
        if held:
            self._pedal_down.setdefault(channel, self._tick)
        elif channel in self._pedal_down:
            start = self._pedal_down.pop(channel)
            if self._tick > start:
                self._pedal.append((start, self._tick))

    def _release(self, channel: int, pitch: int) -> None:
        if (channel, pitch) in self._down:
            start, velocity = self._down.pop((channel, pitch))
            if self._tick > start:
                self._notes.append((start, self._tick, pitch, velocity))


def _smpte_tick_s(division: int) -> float:
    """Seconds per tick when the header counts film frames instead of beats, otherwise 0."""
    if division > 0:
        return 0.0
    frames_per_s, ticks_per_frame = -(division >> 8), division & 0xFF
    return 1.0 / max(1, frames_per_s * ticks_per_frame)


def _joined(spans: list[tuple[float, float]]) -> tuple[PedalSpan, ...]:
    """Pedal of all channels as one: overlapping spans become a single one."""
    merged: list[PedalSpan] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1].end_s:
            merged[-1] = PedalSpan(merged[-1].start_s, max(end, merged[-1].end_s))
        else:
            merged.append(PedalSpan(start, end))
    return tuple(merged)

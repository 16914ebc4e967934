"""The one reader of MIDI files: for a corpus, a primer, a record's `midi:`, and what this project wrote itself.

mido decides what an event means (with `clip`, so that a data byte of 255 counts as 127). Before that the bytes are
mended, `engine.music.midi.chunks`; afterwards keys and pedals become notes as for a visitor, `...midi.keyboard`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final

import mido
import numpy as np

from engine.errors import MidiError
from engine.music.midi.chunks import Song, songs_in
from engine.music.midi.keyboard import DRUM_CHANNEL, PLAYING, SHORTEST_NOTE_S, Keyboard
from engine.music.midi.tempo_map import TempoMap
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

SUFFIXES: Final = (".mid", ".midi", ".kar", ".rmi", ".smf")
MOST_BYTES: Final = 16_000_000
LONGEST_S: Final = 6 * 3600.0

_Rows = list[tuple[int, int, mido.Message]]
"""(tick, number of the track, message) in the order in which they are to be taken."""


@dataclass(frozen=True)
class MidiContents:
    """A file's playing: `tracks` by number with their names, and what of the file was lost, in words for people."""

    tracks: tuple[tuple[str, tuple[Note, ...]], ...]
    pedal: tuple[PedalSpan, ...]
    remarks: tuple[str, ...] = ()

    @property
    def phrase(self) -> Phrase:
        """All tracks together."""
        return Phrase(sorted_notes(note for _, notes in self.tracks for note in notes), self.pedal)


def read_midi(path: Path, drums: bool = False) -> MidiContents:
    """A MIDI file of any type, tempo map applied; type 2's patterns, and files joined to one, follow each other.

    Args:
        drums: read channel 10 as well, whose keys are drums.

    Raises:
        MidiError: the file is missing, too large, too long, or no MIDI file.
    """
    data = _bytes_of(path)
    try:
        songs = songs_in(data)
    except MidiError as error:
        raise MidiError(f"{path}: {error}") from None
    parts: list[MidiContents] = []
    offset_s = 0.0
    for song in songs:
        for data in song.parts():
            parts.append(_shifted(_part(path, song, data, drums), offset_s))
            offset_s = max(offset_s, parts[-1].phrase.length_s)
    if offset_s > LONGEST_S:
        raise MidiError(f"{path}: lasts {offset_s / 3600:.0f} hours; expected at most {LONGEST_S / 3600:.0f}")
    remarks = tuple(f"{path}: {remark}" for song in songs for remark in song.remarks)
    tracks = tuple(track for part in parts for track in part.tracks)
    return MidiContents(tracks, _joined(span for part in parts for span in part.pedal), remarks)


def read_performance(path: Path) -> MidiContents:
    """Somebody's playing, drums left out. Raises `MidiError` as `read_midi`, and where nothing is left."""
    contents = read_midi(path)
    if any(notes for _, notes in contents.tracks):
        return contents
    if any(notes for _, notes in read_midi(path, drums=True).tracks):
        raise MidiError(f"{path}: holds no notes outside the drum channel 10; give a file with a melody")
    lost = f" ({contents.remarks[0].removeprefix(f'{path}: ')})" if contents.remarks else ""
    raise MidiError(f"{path}: holds no notes{lost}; give a file with a melody")


def read_phrase(path: Path) -> Phrase:
    """All tracks of a file that `engine.music.midi.writing` wrote. Raises `MidiError` as `read_midi`."""
    contents = read_midi(path, drums=True)
    name = next((name for name, _ in contents.tracks if name), "")
    performer, _, seed = name.rpartition(" ")
    number = int(seed) if seed.isdecimal() and len(seed) < 20 else 0
    return replace(contents.phrase, performer=performer or name, seed=number)


def read_voices(path: Path) -> dict[str, tuple[Note, ...]]:
    """The notes of each voice in a file by `write_scores`. Raises `MidiError` as `read_midi` does."""
    return dict(read_midi(path, drums=True).tracks)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MidiError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB; split it into pieces")
        return path.read_bytes()
    except OSError as error:
        raise MidiError(f"{path}: cannot be read: {error.strerror or error}; expected a MIDI file") from None


def _part(path: Path, song: Song, data: bytes, drums: bool) -> MidiContents:
    try:
        midi = mido.MidiFile(file=BytesIO(data), clip=True)
    except Exception as error:  # mido raises whatever an event leads it into
        raise MidiError(f"{path}: damaged ({type(error).__name__}: {error}); export it again") from None
    rows = _merged(midi.tracks)
    tempos = ((tick, message.tempo) for tick, _, message in rows if message.type == "set_tempo")
    clock = TempoMap(song.division, tempos)
    keyboard = _played(rows, drums)
    notes: dict[int, list[Note]] = {number: [] for number in range(len(midi.tracks))}
    for number, note in _notes(keyboard, clock):
        notes[number].append(note)
    tracks = tuple((track.name, sorted_notes(notes[number])) for number, track in enumerate(midi.tracks))
    spans = clock.seconds(np.array(list(keyboard.pedal), float).reshape(-1, 2))
    return MidiContents(tracks, _joined(PedalSpan(start_s, end_s) for start_s, end_s in spans.tolist()))


def _merged(tracks: Iterable[mido.MidiTrack]) -> _Rows:
    """What plays, of all tracks in time; at one tick each track's messages stay in their order."""
    rows: _Rows = []
    for number, track in enumerate(tracks):
        tick = 0
        for message in track:
            tick += message.time
            if message.type in ("note_on", "note_off", "set_tempo") or _plays(message):
                rows.append((tick, number, message))
    rows.sort(key=lambda row: row[:2])
    return rows


def _plays(message: mido.Message) -> bool:
    return message.type == "control_change" and message.control in PLAYING


def _played(rows: _Rows, drums: bool) -> Keyboard:
    keyboard, last = Keyboard(), 0
    for tick, track, message in rows:
        last = tick
        if message.is_meta or (message.channel == DRUM_CHANNEL and not drums):
            continue
        if message.type == "control_change":
            keyboard.control(tick, message.channel, message.control, message.value)
        elif message.type == "note_on" and message.velocity > 0:
            keyboard.strike(tick, message.channel, message.note, message.velocity, track)
        else:
            keyboard.release(tick, message.channel, message.note, track)
    keyboard.finish(last)
    return keyboard


def _notes(keyboard: Keyboard, clock: TempoMap) -> Iterator[tuple[int, Note]]:
    """(number of its track, note) of every stroke."""
    strokes = keyboard.strokes
    starts_s, ends_s = (clock.seconds(np.array([stroke[i] for stroke in strokes], float)) for i in (0, 1))
    for stroke, start_s, end_s in zip(strokes, starts_s.tolist(), ends_s.tolist(), strict=True):
        length_s = end_s - start_s if end_s > start_s else SHORTEST_NOTE_S
        yield stroke.track, Note(start_s, stroke.pitch, length_s, stroke.velocity)


def _shifted(part: MidiContents, by_s: float) -> MidiContents:
    tracks = tuple(
        (name, tuple(replace(note, onset_s=note.onset_s + by_s) for note in notes)) for name, notes in part.tracks
    )
    spans = tuple(PedalSpan(span.start_s + by_s, span.end_s + by_s) for span in part.pedal)
    return replace(part, tracks=tracks, pedal=spans)


def _joined(spans: Iterable[PedalSpan]) -> tuple[PedalSpan, ...]:
    """Pedal of all channels as one: overlapping spans become a single one."""
    merged: list[PedalSpan] = []
    for span in sorted(spans):
        if merged and span.start_s <= merged[-1].end_s:
            merged[-1] = PedalSpan(merged[-1].start_s, max(span.end_s, merged[-1].end_s))
        else:
            merged.append(span)
    return tuple(merged)

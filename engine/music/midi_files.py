"""Phrases and scores as MIDI files, for keeping what was played and opening it in any sequencer.

One tick is a millisecond (500 ticks per quarter at 120 per minute), so times survive to half a millisecond.
Reading MIDI of unknown origin for training is `models.performers.corpus.midi_corpus`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import mido

from engine.errors import MidiError
from engine.music.notes import Note, PedalSpan, Phrase, Score, sorted_notes
from engine.parameters.sound import INSTRUMENTS, VoicesSettings
from engine.parameters.stems import VOICES

TICKS_PER_QUARTER: Final = 500
TICKS_PER_S: Final = 1000
SUSTAIN: Final = 64
DRUM_CHANNEL: Final = 9
MOST_BYTES: Final = 50_000_000

PROGRAMS: Final[dict[str, int]] = {
    "piano": 0,
    "electric_piano": 4,
    "celesta": 8,
    "vibraphone": 11,
    "bells": 14,
    "guitar": 24,
    "cello": 42,
    "strings": 48,
    "choir": 52,
    "pad": 89,
    "drums": 0,
}
"""General MIDI programs, counted from 0, for the instruments of `settings.INSTRUMENTS`."""

_VOICE_INSTRUMENTS: Final[dict[str, INSTRUMENTS]] = {
    "piano": "piano",
    "cello": "cello",
    "bells": "bells",
    "chords": "choir",
    "guitar": "guitar",
    "drums": "drums",
}


def write_phrase(path: Path, phrase: Phrase) -> None:
    """Save a phrase as a piano track with sustain pedal."""
    midi = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    name = f"{phrase.performer} {phrase.seed}".strip()
    midi.tracks.append(_track(name, 0, PROGRAMS["piano"], phrase.notes, phrase.pedal))
    _save(midi, path)


def write_scores(path: Path, scores: Iterable[tuple[float, Score]], voices: VoicesSettings | None = None) -> None:
    """Save scores, each with the time in seconds at which it begins, as one track per voice.

    `voices` names the instruments; without it each voice has its usual one. Silent voices get no track.
    """
    placed = list(scores)
    midi = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    for number, voice in enumerate(VOICES):
        notes = [
            Note(start_s + note.onset_s, note.pitch, note.duration_s, note.velocity)
            for start_s, score in placed
            for note in score.voices.get(voice, ())
        ]
        pedal = [PedalSpan(s + span.start_s, s + span.end_s) for s, score in placed for span in score.pedal]
        if notes:
            channel = DRUM_CHANNEL if voice == "drums" else number
            program = PROGRAMS[_instruments(voices)[voice]]
            midi.tracks.append(_track(voice, channel, program, sorted_notes(notes), pedal if voice == "piano" else ()))
    if not midi.tracks:
        midi.tracks.append(mido.MidiTrack())
    _save(midi, path)


def write_voices(
    folder: Path, scores: Iterable[tuple[float, Score]], voices: VoicesSettings | None = None
) -> list[Path]:
    """A file for each voice that plays, named after it, and `score.mid` with all of them; see `write_scores`."""
    placed = list(scores)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for voice in VOICES:
        line = [(s, Score({voice: score.voices.get(voice, ())}, score.pedal)) for s, score in placed]
        if any(score.voices[voice] for _, score in line):
            written.append(folder / f"{voice}.mid")
            write_scores(written[-1], line, voices)
    if written:
        written.append(folder / "score.mid")
        write_scores(written[-1], placed, voices)
    return written


def read_phrase(path: Path) -> Phrase:
    """The notes and pedal of all tracks of a file that this module wrote.

    Raises:
        MidiError: the file cannot be read, or is no MIDI file.
    """
    midi = _opened(path)
    return _phrase_of(list(midi), next((track.name for track in midi.tracks if track.name), ""))


def read_voices(path: Path) -> dict[str, Phrase]:
    """The voices of a file by `write_scores`, each track by its name. Raises `MidiError` as `read_phrase` does."""
    midi = _opened(path)
    voices = {}
    for track in midi.tracks:
        alone = mido.MidiFile(type=1, ticks_per_beat=midi.ticks_per_beat)
        alone.tracks.append(track)
        voices[track.name] = _phrase_of(list(alone), track.name)
    return voices


def _opened(path: Path) -> mido.MidiFile:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MidiError(f"{path}: larger than {MOST_BYTES // 1_000_000} MB, which nothing that was played here is")
        contents = BytesIO(path.read_bytes())  # of a file, mido makes room for whatever a damaged length claims
    except OSError as error:
        raise MidiError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        midi = mido.MidiFile(file=contents)
        list(midi)  # what is damaged shows only when it is read
    except Exception as error:  # mido raises whatever a damaged file leads it into
        raise MidiError(f"{path}: is not a MIDI file, or damaged ({type(error).__name__}: {error})") from None
    return midi


def _phrase_of(messages: Sequence[mido.Message], name: str) -> Phrase:
    notes: list[Note] = []
    pedal: list[PedalSpan] = []
    down: dict[tuple[int, int], tuple[float, int]] = {}
    pedal_down_s: float | None = None
    now_s = 0.0
    for message in messages:
        now_s += message.time
        if message.type in ("note_on", "note_off"):
            key = (message.channel, message.note)
            if key in down:
                onset_s, velocity = down.pop(key)
                notes.append(Note(onset_s, message.note, max(now_s - onset_s, 0.001), velocity))
            if message.type == "note_on" and message.velocity > 0:
                down[key] = (now_s, message.velocity)
        elif message.type == "control_change" and message.control == SUSTAIN:
            if message.value >= 64 and pedal_down_s is None:
                pedal_down_s = now_s
            elif message.value < 64 and pedal_down_s is not None:
                pedal.append(PedalSpan(pedal_down_s, now_s))
                pedal_down_s = None
    performer, _, seed = name.rpartition(" ")
    return Phrase(sorted_notes(notes), tuple(pedal), performer or name, int(seed) if seed.isdecimal() else 0)


def _instruments(voices: VoicesSettings | None) -> Mapping[str, str]:
    if voices is None:
        return _VOICE_INSTRUMENTS
    return {voice: getattr(voices, voice).instrument for voice in VOICES}


def _track(name: str, channel: int, program: int, notes: Sequence[Note], pedal: Sequence[PedalSpan]) -> mido.MidiTrack:
    """A track with notes and pedal; at one tick, releases come before strokes."""
    events: list[tuple[int, int, mido.Message]] = []
    for note in notes:
        start, end = _ticks(note.onset_s), max(_ticks(note.end_s), _ticks(note.onset_s) + 1)
        on = mido.Message("note_on", channel=channel, note=note.pitch, velocity=note.velocity)
        events += [(start, 2, on), (end, 0, mido.Message("note_off", channel=channel, note=note.pitch))]
    for span in pedal:
        for tick, order, value in ((_ticks(span.start_s), 1, 127), (_ticks(span.end_s), 0, 0)):
            change = mido.Message("control_change", channel=channel, control=SUSTAIN, value=value)
            events.append((tick, order, change))
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=_latin(name)))
    track.append(mido.Message("program_change", channel=channel, program=program))
    before = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - before))
        before = tick
    return track


def _latin(name: str) -> str:
    """MIDI's text has Latin-1 letters only."""
    return name.encode("latin-1", "replace").decode("latin-1")


def _ticks(time_s: float) -> int:
    return max(0, round(time_s * TICKS_PER_S))


def _save(midi: mido.MidiFile, path: Path) -> None:
    try:
        midi.save(path)
    except OSError as error:
        raise MidiError(f"{path}: cannot be written: {error.strerror or error}") from None

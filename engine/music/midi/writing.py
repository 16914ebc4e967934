"""Phrases and scores as MIDI files, for keeping what was played and opening it in any sequencer.

One tick is a millisecond (500 ticks per quarter at 120 per minute), so times survive to half a millisecond.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import mido

from engine.errors import MidiError
from engine.music.midi.keyboard import DRUM_CHANNEL, SUSTAIN
from engine.music.notes import Note, PedalSpan, Phrase, Score, sorted_notes
from engine.parameters.instruments import GENERAL_MIDI, general_midi
from engine.parameters.sound import VoicesSettings
from engine.parameters.stems import VOICES

TICKS_PER_QUARTER: Final = 500
TICKS_PER_S: Final = 1000


def write_phrase(path: Path, phrase: Phrase) -> None:
    """Save a phrase as a piano track with sustain pedal."""
    midi = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    name = f"{phrase.performer} {phrase.seed}".strip()
    midi.tracks.append(_track(name, 0, _program("piano"), phrase.notes, phrase.pedal))
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
            program = _program(_instruments(voices)[voice])
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


def _instruments(voices: VoicesSettings | None) -> Mapping[str, str]:
    settings = voices or VoicesSettings()
    return {voice: getattr(settings, voice).instrument for voice in VOICES}


def _program(instrument: str) -> int:
    """General MIDI's, counted from 0."""
    return GENERAL_MIDI[general_midi(instrument)].program


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

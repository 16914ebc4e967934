"""A visitor at a keyboard: what is played until the hands rest becomes a phrase for the performer to go on from."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from engine.hub.midi.messages import Control, Key
from engine.music.harmony import pedalled
from engine.music.midi.keyboard import DRUM_CHANNEL, SHORTEST_NOTE_S, Keyboard, Stroke
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

REST_S: Final = 1.5
"""With no key down and none struck for so long, the hands rest."""
LONGEST_S: Final = 30.0
"""Of who plays on and on, the last so many seconds count."""
LONGEST_KEY_S: Final = 10.0
"""A key down for longer is one whose release got lost, or on which something lies."""
FEWEST_NOTES: Final = 3
MOST_NOTES: Final = 400
"""Of who never rests, the last so many are remembered."""
PAUSE_S: Final = 20.0
"""So long after one visitor's phrase was given away, the next is: the music should not be made of answers only."""


class Visitor:
    """Times are monotonic seconds. Nothing is quantised; velocities are as they were struck."""

    def __init__(self) -> None:
        self._keyboard = Keyboard(MOST_NOTES)
        self._last_s = 0.0
        self._given_s = -PAUSE_S
        self._ready: Phrase | None = None

    @property
    def notes(self) -> int:
        """Struck since the hands last rested."""
        return len(self._keyboard.strokes) + self._keyboard.held

    @property
    def waits(self) -> bool:
        """A phrase is complete, and the last one was given away not long enough ago."""
        return self._ready is not None

    def key(self, key: Key, now_s: float) -> None:
        if key.channel == DRUM_CHANNEL + 1:
            return
        self._last_s = now_s
        if key.velocity:
            self._keyboard.strike(now_s, key.channel, key.pitch, key.velocity)
        else:
            self._keyboard.release(now_s, key.channel, key.pitch)

    def control(self, control: Control, now_s: float) -> None:
        """The sustain pedal is part of how somebody plays; what releases all keys counts too, nothing else does."""
        self._keyboard.control(now_s, control.channel, control.number, control.value)

    def step(self, now_s: float) -> Phrase | None:
        """The phrase that is to be continued, when it is time for one; from 0 on, with the pedal in its notes."""
        self._keyboard.release_older(now_s - LONGEST_KEY_S, LONGEST_KEY_S)
        if self._keyboard.strokes and not self._keyboard.held and now_s - self._last_s >= REST_S:
            self._ready = self._gather(now_s) or self._ready
        if self._ready is None or now_s - self._given_s < PAUSE_S:
            return None
        phrase, self._ready, self._given_s = self._ready, None, now_s
        return phrase

    def _gather(self, now_s: float) -> Phrase | None:
        pedal = sorted(PedalSpan(*span) for span in self._keyboard.pedal_until(now_s))
        notes = pedalled(sorted_notes(_note(stroke) for stroke in self._keyboard.strokes), pedal)
        self._keyboard.forget()
        ends_s = max(note.end_s for note in notes)
        late = [note for note in notes if note.onset_s >= ends_s - LONGEST_S]
        if len(late) < FEWEST_NOTES:
            return None
        begins_s = late[0].onset_s
        return Phrase(tuple(replace(note, onset_s=note.onset_s - begins_s) for note in late), performer="visitor")


def _note(stroke: Stroke) -> Note:
    return Note(stroke.start, stroke.pitch, max(stroke.end - stroke.start, SHORTEST_NOTE_S), stroke.velocity)

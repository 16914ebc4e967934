"""A visitor at a keyboard: what is played until the hands rest becomes a phrase for the performer to go on from."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import Final

from engine.hub.midi.messages import SUSTAIN, Control, Key
from engine.music.harmony import pedalled
from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

REST_S: Final = 1.5
"""With no key down and none struck for so long, the hands rest."""
LONGEST_S: Final = 30.0
"""Of who plays on and on, the last so many seconds count."""
LONGEST_KEY_S: Final = 10.0
"""A key down for longer is one whose release got lost, or on which something lies."""
FEWEST_NOTES: Final = 3
MOST_NOTES: Final = 400
PAUSE_S: Final = 20.0
"""So long after one visitor's phrase was given away, the next is: the music should not be made of answers only."""
DRUMS: Final = 10
"""A channel whose keys are drums."""
PEDAL_DOWN: Final = 64


class Visitor:
    """Times are monotonic seconds. Nothing is quantised; velocities are as they were struck."""

    def __init__(self) -> None:
        self._down: dict[tuple[int, int], tuple[float, int]] = {}
        self._notes: deque[Note] = deque(maxlen=MOST_NOTES)
        self._pedal: deque[PedalSpan] = deque(maxlen=MOST_NOTES)
        self._pedal_down_s: float | None = None
        self._last_s = 0.0
        self._given_s = -PAUSE_S
        self._ready: Phrase | None = None

    @property
    def is_idle(self) -> bool:
        return not self._down and not self._notes and self._ready is None

    @property
    def notes(self) -> int:
        """Struck since the hands last rested."""
        return len(self._notes) + len(self._down)

    @property
    def waits(self) -> bool:
        """A phrase is complete, and the last one was given away not long enough ago."""
        return self._ready is not None

    def key(self, key: Key, now_s: float) -> None:
        if key.channel == DRUMS:
            return
        self._last_s = now_s
        self._release((key.channel, key.pitch), now_s)
        if key.velocity:
            self._down[key.channel, key.pitch] = (now_s, key.velocity)

    def control(self, control: Control, now_s: float) -> None:
        """The sustain pedal is part of how somebody plays; no other controller is."""
        if control.number != SUSTAIN:
            return
        if control.value >= PEDAL_DOWN:
            self._pedal_down_s = now_s if self._pedal_down_s is None else self._pedal_down_s
        elif self._pedal_down_s is not None:
            self._pedal.append(PedalSpan(self._pedal_down_s, now_s))
            self._pedal_down_s = None

    def step(self, now_s: float) -> Phrase | None:
        """The phrase that is to be continued, when it is time for one; from 0 on, with the pedal in its notes."""
        for key, (onset_s, _) in list(self._down.items()):
            if now_s - onset_s > LONGEST_KEY_S:
                self._release(key, onset_s + LONGEST_KEY_S)
        if self._notes and not self._down and now_s - self._last_s >= REST_S:
            self._ready = self._gather(now_s) or self._ready
        if self._ready is None or now_s - self._given_s < PAUSE_S:
            return None
        phrase, self._ready, self._given_s = self._ready, None, now_s
        return phrase

    def _release(self, key: tuple[int, int], now_s: float) -> None:
        if key in self._down:
            onset_s, velocity = self._down.pop(key)
            self._notes.append(Note(onset_s, key[1], max(now_s - onset_s, 0.01), velocity))

    def _gather(self, now_s: float) -> Phrase | None:
        pedal = [*self._pedal, *([PedalSpan(self._pedal_down_s, now_s)] if self._pedal_down_s is not None else [])]
        notes = pedalled(sorted_notes(self._notes), pedal)
        self._notes.clear()
        self._pedal.clear()
        ends_s = max(note.end_s for note in notes)
        late = [note for note in notes if note.onset_s >= ends_s - LONGEST_S]
        if len(late) < FEWEST_NOTES:
            return None
        begins_s = late[0].onset_s
        return Phrase(tuple(replace(note, onset_s=note.onset_s - begins_s) for note in late), performer="visitor")

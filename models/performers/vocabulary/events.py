"""The Performance RNN's event vocabulary: expressive piano as a sequence of small integers.

Note-on, note-off, 100 time shifts of 10 ms and 32 velocities, as published by Oore et al. 2018, "This Time with
Feeling" (arXiv 1808.03715), plus sustain pedal down and up, and marks for the start and end of a piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.music.notes import Note, PedalSpan, Phrase, sorted_notes

STEP_S: Final = 0.01
LONGEST_SHIFT_STEPS: Final = 100
VELOCITY_BINS: Final = 32

NOTE_ON: Final = 0
NOTE_OFF: Final = 128
TIME_SHIFT: Final = 256
VELOCITY: Final = TIME_SHIFT + LONGEST_SHIFT_STEPS
PEDAL_UP: Final = VELOCITY + VELOCITY_BINS
PEDAL_DOWN: Final = PEDAL_UP + 1
START: Final = PEDAL_DOWN + 1
END: Final = START + 1
VOCABULARY_SIZE: Final = END + 1

LONGEST_NOTE_S: Final = 20.0
"""A note never released, in a drawing or a broken file, ends after this."""

# What comes first when several things happen in the same 10 ms: releases, pedal, then new notes.
_OFF, _PEDAL_UP, _PEDAL_DOWN, _ON = range(4)


def shift_event(steps: int) -> int:
    """The event that moves time on by `steps` (1..100) of 10 ms."""
    return TIME_SHIFT + steps - 1


def velocity_bin(velocity: int) -> int:
    """Bin 0..31 of a MIDI velocity 1..127."""
    return min(VELOCITY_BINS - 1, velocity * VELOCITY_BINS // 128)


def bin_velocity(index: int) -> int:
    """The MIDI velocity in the middle of a bin."""
    return min(127, index * 128 // VELOCITY_BINS + 2)


def encode(phrase: Phrase, transpose: int = 0, stretch: float = 1.0) -> NDArray[np.int16]:
    """Events of a phrase, without start or end marks.

    Args:
        transpose: semitones; notes that leave MIDI's 0..127 are left out.
        stretch: time factor; 1.1 plays 10 % slower.
    """
    if not phrase.notes:
        return np.zeros(0, np.int16)
    return events_of_messages(*_messages(phrase, transpose, stretch))


def events_of_messages(
    steps: NDArray[np.int64], kinds: NDArray[np.int64], values: NDArray[np.int64], velocities: NDArray[np.int64]
) -> NDArray[np.int16]:
    """Events of key and pedal movements as `messages` gives them, in any order."""
    order = np.lexsort((values, kinds, steps))
    return _write_events(steps[order], kinds[order], values[order], velocities[order])


def _messages(phrase: Phrase, transpose: int, stretch: float) -> tuple[NDArray[np.int64], ...]:
    pitches = np.array([n.pitch for n in phrase.notes], np.int64) + transpose
    on = np.array([n.onset_s for n in phrase.notes]) * stretch / STEP_S
    off = np.array([n.end_s for n in phrase.notes]) * stretch / STEP_S
    velocity = np.array([n.velocity for n in phrase.notes], np.int64)
    kept = (pitches >= 0) & (pitches <= 127)
    on_steps = np.rint(on[kept]).astype(np.int64)
    off_steps = np.maximum(np.rint(off[kept]).astype(np.int64), on_steps + 1)
    down = np.rint(np.array([p.start_s for p in phrase.pedal]) * stretch / STEP_S).astype(np.int64)
    up = np.rint(np.array([p.end_s for p in phrase.pedal]) * stretch / STEP_S).astype(np.int64)
    return messages(on_steps, off_steps, pitches[kept], velocity[kept], down, up)


def messages(
    on: NDArray[np.int64],
    off: NDArray[np.int64],
    pitch: NDArray[np.int64],
    velocity: NDArray[np.int64],
    pedal_down: NDArray[np.int64],
    pedal_up: NDArray[np.int64],
) -> tuple[NDArray[np.int64], ...]:
    """Steps, kinds, values (pitch) and velocities of every key [N] and pedal [P] movement, unsorted."""
    count, pedals = len(on), len(pedal_down)
    zeros = np.zeros(pedals, np.int64)
    return (
        np.concatenate([on, off, pedal_down, pedal_up]),
        np.repeat([_ON, _OFF, _PEDAL_DOWN, _PEDAL_UP], [count, count, pedals, pedals]),
        np.concatenate([pitch, pitch, zeros, zeros]),
        np.concatenate([velocity, np.zeros(count, np.int64), zeros, zeros]),
    )


def _write_events(
    steps: NDArray[np.int64], kinds: NDArray[np.int64], values: NDArray[np.int64], velocities: NDArray[np.int64]
) -> NDArray[np.int16]:
    """Each message becomes [long shifts…, a shift], [a velocity if it changed], the message itself."""
    wait = np.diff(steps, prepend=min(0, int(steps[0])) if len(steps) else 0)
    long_shifts, rest = wait // LONGEST_SHIFT_STEPS, wait % LONGEST_SHIFT_STEPS
    bins = np.minimum(VELOCITY_BINS - 1, velocities * VELOCITY_BINS // 128)
    struck = np.flatnonzero(kinds == _ON)
    louder = np.zeros(len(steps), bool)
    louder[struck] = np.diff(bins[struck], prepend=-1) != 0
    sizes = long_shifts + (rest > 0) + louder + 1
    last = np.cumsum(sizes) - 1
    events = np.full(int(sizes.sum()), shift_event(LONGEST_SHIFT_STEPS), np.int16)
    base = np.array([NOTE_OFF, PEDAL_UP, PEDAL_DOWN, NOTE_ON])
    events[last] = base[kinds] + values
    events[last[louder] - 1] = VELOCITY + bins[louder]
    waits = rest > 0
    events[(last - 1 - louder)[waits]] = TIME_SHIFT + rest[waits] - 1
    return events


def decode(events: Sequence[int] | NDArray[np.int16], performer: str = "", seed: int = 0) -> Phrase:
    """The phrase that events describe; keys and pedal still down at the end are released there.

    Forgiving, as a network may write anything: releases of silent keys are ignored, a key struck again is
    released first, marks are skipped.
    """
    step, velocity = 0, 64
    down: dict[int, tuple[int, int]] = {}
    pedal_step: int | None = None
    notes: list[Note] = []
    pedal: list[PedalSpan] = []

    def release(pitch: int) -> None:
        onset, struck = down.pop(pitch)
        duration_s = min(LONGEST_NOTE_S, max(1, step - onset) * STEP_S)
        notes.append(Note(round(onset * STEP_S, 2), pitch, round(duration_s, 2), struck))

    for event in (int(e) for e in events):
        if TIME_SHIFT <= event < VELOCITY:
            step += event - TIME_SHIFT + 1
        elif event < NOTE_OFF:
            if event in down:
                release(event)
            down[event] = (step, velocity)
        elif event < TIME_SHIFT:
            if event - NOTE_OFF in down:
                release(event - NOTE_OFF)
        elif event < PEDAL_UP:
            velocity = bin_velocity(event - VELOCITY)
        elif event == PEDAL_DOWN:
            pedal_step = step if pedal_step is None else pedal_step
        elif event == PEDAL_UP and pedal_step is not None:
            if step > pedal_step:
                pedal.append(PedalSpan(pedal_step * STEP_S, step * STEP_S))
            pedal_step = None
    for pitch in list(down):
        release(pitch)
    if pedal_step is not None and step > pedal_step:
        pedal.append(PedalSpan(pedal_step * STEP_S, step * STEP_S))
    return Phrase(sorted_notes(notes), tuple(pedal), performer, seed)


def event_times_s(events: NDArray[np.int16]) -> NDArray[np.float64]:
    """Time of each event in seconds: the sum of the shifts before it."""
    shifts = np.where((events >= TIME_SHIFT) & (events < VELOCITY), events - TIME_SHIFT + 1, 0)
    return (np.cumsum(shifts) - shifts) * STEP_S

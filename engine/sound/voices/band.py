"""From scores to sound: the band plays every voice's notes, to the block, on a SoundFont or its fallback."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import SoundFontError
from engine.music.key_events import Action, KeyEvent
from engine.music.notes import Score
from engine.parameters.stems import SAMPLE_RATE_HZ, VOICES
from engine.sound.voices.fallback_voice import FallbackModule
from engine.sound.voices.mean_blocker import MeanBlocker
from engine.sound.voices.soundfont_voice import SoundFontModule
from engine.sound.voices.soundfonts import recorded_in

EVENT_FRAMES: Final = 64
"""Events fall on multiples of this: 1.3 ms, what a SoundFont player computes at once."""

RING_OUT_S: Final = 1.5
"""A phrase that is cut short lets go of its keys and pedal at most this much later."""

_LOUDEST: Final = 127
_VELOCITY_EXPONENT: Final = 0.75
"""Below 1: soft notes come a little closer, as quiet rooms ask for."""

_OFF, _PEDAL_UP, _SELECT, _PEDAL_DOWN, _ON = range(5)
_Event = tuple[int, int, int, int, int, int]
"""Frame, kind (also the order within a frame), serial, voice, pitch or instrument number, velocity or note serial."""


class SoundModule(Protocol):
    """Something that plays all voices at once; voice numbers index the names it was made with."""

    def select(self, voice: int, instrument: str) -> None:
        """Later notes of `voice` sound as `instrument`, one of `instrument_names()`; ringing ones keep theirs."""

    def note_on(self, voice: int, pitch: int, velocity: int) -> None: ...

    def note_off(self, voice: int, pitch: int) -> None: ...

    def pedal(self, voice: int, down: bool) -> None: ...

    def silence(self) -> None:
        """Stop everything at once, without a release."""

    def render(self, out: NDArray[np.float32]) -> None:
        """Fill `out` [2 x voices, frames]; frames is a multiple of `EVENT_FRAMES`."""

    def close(self) -> None:
        """Give back what it holds; it is not used afterwards."""


def open_module(
    soundfont: Path | None, voices: Sequence[str] = VOICES, *, when_needed: bool = False
) -> tuple[SoundModule, str]:
    """A sound module for `voices`, and a sentence on what plays in place of a SoundFont or its instruments, or none.

    `when_needed`: the SoundFont is opened when one of its instruments is chosen for the first time.
    """
    if soundfont is None:
        return FallbackModule(len(voices)), "no SoundFont found: voices are synthesised"
    try:
        module = SoundFontModule(soundfont, len(voices), recorded_in(soundfont), when_needed=when_needed)
        return module, module.why_not_recorded or _missing(soundfont, module.substitutes)
    except SoundFontError as problem:
        return FallbackModule(len(voices)), f"{problem}; voices are synthesised"


def _missing(soundfont: Path, substitutes: Mapping[str, str]) -> str:
    if not substitutes:
        return ""
    words = ", ".join(f"{instrument} ({substitute} plays)" for instrument, substitute in substitutes.items())
    return f"SoundFont {soundfont} lacks instruments: {words}"


class Band:
    """Plays scores on a sound module, in pieces of any length that is a multiple of `EVENT_FRAMES`.

    Frames count from the band's own beginning. Notes and pedal ring across pieces and across scores. `on_key` is told
    of each key and pedal when it is its turn.
    """

    def __init__(
        self,
        module: SoundModule,
        voices: Sequence[str] = VOICES,
        on_key: Callable[[KeyEvent], None] | None = None,
        *,
        blocks_means: bool = True,
    ) -> None:
        """`blocks_means` off leaves in what samples have below 5 Hz, for whoever takes that away later."""
        self.frame = 0
        self._on_key = on_key
        self.begun = dict.fromkeys(voices, 0)
        """Notes begun so far, by voice."""
        self._module = module
        self._voices = tuple(voices)
        self._events: list[_Event] = []
        self._serial = 0
        self._instruments: list[str] = []
        self._selected: dict[int, str] = {}
        self._sounding: dict[tuple[int, int], int] = {}
        self._pedals: Counter[int] = Counter()
        self._mean_blocker = MeanBlocker(2 * len(voices)) if blocks_means else None
        """Samples may have a mean (FluidR3's pad: -23 dB), which no layer takes away while its low cut is open."""

    def play(self, start_frame: int, score: Score, instruments: Mapping[str, str]) -> None:
        """Queue a score so that its second 0 is at `start_frame`; `instruments` names one per voice.

        Notes that would have begun before now are left out.
        """
        for voice, name in enumerate(self._voices):
            notes = score.voices.get(name, ())
            if notes:  # an instrument that plays nothing need not be loaded
                self._push(start_frame, _SELECT, voice, self._instrument_number(instruments[name]), 0)
            for note in notes:
                on = event_frame(start_frame, note.onset_s)
                if on < self.frame:
                    continue
                off = max(event_frame(start_frame, note.end_s), on + EVENT_FRAMES)
                serial = self._push(on, _ON, voice, note.pitch, note.velocity)
                self._push(off, _OFF, voice, note.pitch, serial)
            if name == "piano":
                for span in score.pedal:
                    down, up = event_frame(start_frame, span.start_s), event_frame(start_frame, span.end_s)
                    if up > self.frame:
                        self._push(down, _PEDAL_DOWN, voice, 0, 0)
                        self._push(up, _PEDAL_UP, voice, 0, 0)

    def cut(self, frame: int | None = None, ring_s: float = RING_OUT_S) -> None:
        """Drop every note that begins at `frame` (now) or later; those that sound then end as written, but within
        `ring_s`."""
        frame = self.frame if frame is None else frame
        latest = event_frame(frame, ring_s)
        sounding = set(self._sounding.values())
        pedals_down = self._pedals.copy()
        kept: list[_Event] = []
        for event in sorted(self._events):
            due, kind, serial, voice, first, second = event
            if due < frame:
                kept.append(event)
                if kind == _ON:
                    sounding.add(serial)
                elif kind in (_PEDAL_DOWN, _PEDAL_UP):
                    pedals_down[voice] += 1 if kind == _PEDAL_DOWN else -1
            elif kind == _OFF and second in sounding:
                kept.append((min(due, latest), kind, serial, voice, first, second))
            elif kind == _PEDAL_UP and pedals_down[voice] > 0:
                pedals_down[voice] -= 1
                kept.append((min(due, latest), kind, serial, voice, first, second))
        heapq.heapify(kept)
        self._events = kept

    def reset(self, frame: int) -> None:
        """Silence, forget every event, and stand at `frame`."""
        self._module.silence()
        self._events.clear()
        self._sounding.clear()
        self._pedals.clear()
        self.frame = frame

    def render(self, frames: int) -> NDArray[np.float32]:
        """The next `frames` of all voices as float32 [2 x voices, frames]."""
        out = np.zeros((2 * len(self._voices), frames), dtype=np.float32)
        done = 0
        while done < frames:
            self._perform_due()
            upcoming = self._events[0][0] - self.frame if self._events else frames
            length = min(frames - done, max(EVENT_FRAMES, upcoming))
            self._module.render(out[:, done : done + length])
            done += length
            self.frame += length
        if self._mean_blocker:
            self._mean_blocker.apply(out)
        return out

    def _perform_due(self) -> None:
        while self._events and self._events[0][0] <= self.frame:
            _, kind, serial, voice, first, second = heapq.heappop(self._events)
            if kind == _ON:
                self._sounding[voice, first] = serial
                self.begun[self._voices[voice]] += 1
                self._module.note_on(voice, first, shaped_velocity(second))
                self._tell(voice, Action.ON, first, second)
            elif kind == _OFF and self._sounding.get((voice, first)) == second:
                del self._sounding[voice, first]
                self._module.note_off(voice, first)
                self._tell(voice, Action.OFF, first)
            elif kind == _SELECT:
                self._select(voice, self._instruments[first])
            elif kind in (_PEDAL_DOWN, _PEDAL_UP):
                self._pedals[voice] += 1 if kind == _PEDAL_DOWN else -1
                self._module.pedal(voice, self._pedals[voice] > 0)
                self._tell(voice, Action.PEDAL, value=int(self._pedals[voice] > 0))

    def _tell(self, voice: int, action: Action, pitch: int = 0, value: int = 0) -> None:
        if self._on_key:
            self._on_key(KeyEvent(self.frame, self._voices[voice], action, pitch, value))

    def _select(self, voice: int, instrument: str) -> None:
        if self._selected.get(voice) == instrument:
            return
        self._selected[voice] = instrument
        self._module.select(voice, instrument)
        if self._pedals[voice] > 0:
            self._module.pedal(voice, True)

    def _push(self, frame: int, kind: int, voice: int, first: int, second: int) -> int:
        self._serial += 1
        heapq.heappush(self._events, (frame, kind, self._serial, voice, first, second))
        return self._serial

    def _instrument_number(self, instrument: str) -> int:
        if instrument not in self._instruments:
            self._instruments.append(instrument)
        return self._instruments.index(instrument)


def shaped_velocity(velocity: int) -> int:
    """A velocity 1..127 brought a little towards the loud end."""
    return max(1, min(_LOUDEST, round(_LOUDEST * (velocity / _LOUDEST) ** _VELOCITY_EXPONENT)))


def event_frame(start_frame: int, seconds: float) -> int:
    """Where an event falls that comes `seconds` after a frame."""
    return start_frame + round(seconds * SAMPLE_RATE_HZ / EVENT_FRAMES) * EVENT_FRAMES

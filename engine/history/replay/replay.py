"""Makes, from a renderer's journal, the sound that the renderer made.

A replay begins at a state that the journal holds, plays the time before the wanted stretch without keeping it, so that
strings, reverbs and echoes ring as they did, and then makes the stretch from the journal's scores and changes; nothing
is drawn or decided anew. Begun at the run's own beginning the result is the same bit for bit. Begun at a later state it
differs by what still rang from before that: see `run_up_s`. The leveller, which forgets slowest what it heard, is set
right by every state that is passed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from engine.errors import JournalError
from engine.history.replay.textures import ReplayDeck, TextureShelf
from engine.journal.reader import Record
from engine.music.conductor.conductor import Conductor
from engine.music.notes import Score
from engine.parameters.addresses import set_value, settings_from_values
from engine.parameters.sound import Mood, SoundSettings
from engine.parameters.stems import SAMPLE_RATE_HZ, TEXTURES
from engine.renderer.score_json import scheduled_from_json
from engine.renderer.snapshot import StudioSnapshot
from engine.renderer.studio import Studio
from engine.sound.layers.effect_classes import returns

CHANGES: Final = ("mood", "set", "next", "seed", "chord")
SHORTEST_RUN_UP_S: Final = 90.0
LONGEST_RUN_UP_S: Final = 240.0
_FALL_DB: Final = 120.0
"""What reverbs and echo have fallen by when it is nothing any more."""


class OutOfScoresError(JournalError):
    """The journal ends before the replay does."""


def run_up_s(settings: SoundSettings) -> float:
    """How long before a stretch a replay should begin, so that what rang before that has fallen below -100 dB."""
    shared = settings.effects.model_dump()
    used = [one for one in returns().values() if any(getattr(layer, one.SEND) > 0.0 for _, layer in settings.layer)]
    wanted_s = SHORTEST_RUN_UP_S + sum(one.tail_s(shared, _FALL_DB) for one in used)
    return float(min(wanted_s, LONGEST_RUN_UP_S))


@dataclass
class Complaints:
    """For people: what is not as it was, each thing once."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)


class _Scores(Conductor):
    """A conductor that only repeats what was decided."""

    def __init__(self, records: Iterator[Record], frame_now: Callable[[], int]) -> None:
        self._records, self._frame_now = records, frame_now
        self.in_step = True

    @property
    def upcoming(self) -> str:
        return ""

    def change_mood(self, mood: Mood) -> None:
        pass

    def set_settings(self, settings: SoundSettings) -> None:
        pass

    def next_score(self) -> Score:
        record = next(self._records, None)
        if record is None:
            raise OutOfScoresError("the journal holds no more scores")
        self.in_step &= int(record.fields["at"]) == self._frame_now()
        return scheduled_from_json(record.fields).score


class RunReplay:
    """Frames of one renderer's run, from `records`: all it wrote, in order, from some state on.

    Raises JournalError where no state lies before `first_frame`. One at a time per process, like studios; `close` it.
    """

    def __init__(
        self,
        records: list[Record],
        first_frame: int,
        *,
        seed: int,
        soundfont: Path | None,
        textures: Sequence[Path],
        complaints: Complaints,
        from_beginning: bool = False,
    ) -> None:
        self._complaints = complaints
        place = _place_to_begin(records, first_frame, from_beginning)
        fields, after = records[place].fields, records[place + 1 :]
        state = StudioSnapshot.from_json(fields)
        self._changes = deque(r for r in after if r.kind in CHANGES)
        self._states = deque(r for r in after if r.kind == "state")
        self._settings = settings_from_values(fields["values"])
        self._scores = _Scores((r for r in after if r.kind == "score"), self._frame_now)
        shelf = TextureShelf(textures, complaints.add)
        self._studio = Studio(
            self._scores,
            self._settings,
            seed=seed,
            soundfont=soundfont,
            report=self._take_report,
            players={
                stem: ReplayDeck(
                    (r for r in after if r.kind == "texture" and r.fields["stem"] == stem),
                    state.textures[stem],
                    shelf,
                    self._frame_now,
                )
                for stem in TEXTURES
            },
            resume=state,
        )
        self.first_frame = self._studio.frame
        """Where it begins: everything before the stretch that was asked for is run-up."""

    @property
    def in_step(self) -> bool:
        """Whether every score so far was scheduled at the very frame at which it once was."""
        return self._scores.in_step

    def step(self) -> NDArray[np.float32]:
        """The next STEP_FRAMES of all stems, [STEP_FRAMES, CHANNELS]. Raises OutOfScoresError at the journal's end."""
        while self._states and int(self._states[0].fields["frame"]) <= self._studio.frame:
            self._level(self._states.popleft().fields)
        while self._changes and int(self._changes[0].fields["at"]) <= self._studio.frame:
            self._change(self._changes.popleft())
        return self._studio.render_step()[0]

    def close(self) -> None:
        self._studio.close()

    def _frame_now(self) -> int:
        return self._studio.frame

    def _level(self, fields: dict[str, Any]) -> None:
        if int(fields["frame"]) == self._studio.frame:
            self._studio.resume_level(fields["leveller"])

    def _change(self, record: Record) -> None:
        fields = record.fields
        try:
            match record.kind:
                case "mood":
                    self._settings = settings_from_values(fields["values"])
                    mood = Mood(title=str(fields["title"]), **self._settings.model_dump())
                    self._studio.change_mood(mood, float(fields["glide_s"]))
                case "set":
                    settings = self._settings.model_copy(deep=True)
                    for path, value in fields["values"].items():
                        set_value(settings, path, value)
                    self._settings = settings
                    self._studio.change_settings(settings, float(fields["glide_s"]))
                case "chord":
                    self._studio.steer([int(key) for key in fields["keys"]])
                case "next" | "seed":
                    self._studio.next_phrase(float(fields.get("within_s", 0.0)))
        except (ValidationError, KeyError, TypeError, ValueError) as problem:
            self._complaints.add(f"a change of {record.kind} in the journal cannot be used: {problem}")

    def _take_report(self, kind: str, _subject: str, text: str) -> None:
        if kind == "error":
            self._complaints.add(text)


def _place_to_begin(records: list[Record], first_frame: int, from_beginning: bool) -> int:
    """The latest state from which there is run-up enough, else the earliest."""
    states = [n for n, r in enumerate(records) if r.kind == "state" and int(r.fields["frame"]) <= first_frame]
    if not states:
        raise JournalError("the journal holds no state from before that time to begin from")
    for place in [] if from_beginning else reversed(states):
        fields: dict[str, Any] = records[place].fields
        run_up = run_up_s(settings_from_values(fields["values"])) * SAMPLE_RATE_HZ
        if first_frame - int(fields["frame"]) >= run_up:
            return place
    return states[0]

"""What the installation is set to: mood, seed, morph time, and the value of every address.

Kept by the supervisor, written to `state.json` at each change, so a renderer or room that had to be
restarted goes on where the last one was.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.addresses import ROOM, SOUND, Address, Value, values_of
from engine.errors import ControlError, MoodError
from engine.moods import load_mood
from engine.room_settings import RoomState
from engine.scale import intervals_of
from engine.settings import Mood, SoundSettings

SOUND_PATHS = frozenset(row.path for row in SOUND)
ROOM_PATHS = frozenset(row.path for row in ROOM)


@dataclass
class ControlState:
    """Values are targets: while a mood glides in, what sounds is on its way there."""

    mood: str
    seed: int
    morph_s: float = 8.0
    sound: dict[str, Value] = field(default_factory=lambda: values_of(SoundSettings()))
    room: dict[str, Value] = field(default_factory=lambda: values_of(RoomState()))

    @classmethod
    def of_mood(cls, name: str, mood: Mood, seed: int, room: RoomState | None = None) -> ControlState:
        """The state at the start: a mood untouched by hand, in a room."""
        return cls(mood=name, seed=seed, sound=values_of(mood), room=values_of(room or RoomState()))

    @property
    def values(self) -> dict[str, Value]:
        """Every value by address, in the order of the table."""
        return {"/mood": self.mood, "/mood/morph_s": self.morph_s, "/seed": self.seed, **self.sound, **self.room}

    def remember(self, memory: Mapping[str, Any]) -> None:
        """Become what another one was (its fields, by name)."""
        for name, value in memory.items():
            setattr(self, name, value)

    def set(self, row: Address, value: Value) -> Mapping[str, Value]:
        """Take a value that `row.parse` let through; the values that changed with it, by address.

        Raises ControlError when it is well formed but cannot be used, such as a mood whose file is broken.
        """
        if row.path == "/mood":
            return self._change_mood(str(value))
        if row.path == "/scale/mode":
            check_scale_mode(str(value))
        if row.path == "/mood/morph_s":
            self.morph_s = float(value)
        elif row.path == "/seed":
            self.seed = int(value)
        elif row.path in SOUND_PATHS:
            self.sound[row.path] = value
        elif row.path in ROOM_PATHS:
            self.room[row.path] = value
        else:
            raise ControlError(f"{row.path} holds no value")
        return {row.path: value}

    def _change_mood(self, name: str) -> Mapping[str, Value]:
        try:
            mood = load_mood(name)
        except MoodError as error:
            raise ControlError(f"/mood stays {self.mood}: {error}") from None
        before, self.mood, self.sound = self.sound, name, values_of(mood)
        return {"/mood": name, **{path: v for path, v in self.sound.items() if before.get(path) != v}}

    def write(self, path: Path) -> None:
        """Write the file a restarted renderer begins from; a reader never sees half of it."""
        contents = {"mood": self.mood, "seed": self.seed, "morph_s": self.morph_s, "values": self.sound}
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_text(json.dumps(contents, indent=1), "utf-8")
        os.replace(temporary, path)


def check_scale_mode(mode: str) -> None:
    """Raises ControlError for a mode that is neither named nor a list of intervals."""
    try:
        intervals_of(mode)
    except MoodError as error:
        raise ControlError(f"/scale/mode: {error}") from None

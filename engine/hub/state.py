"""What the installation is set to: mood, seed, morph time, and the value of every address.

Written to `state.json` at each change, so that a renderer, a room or a hub that had to be started anew goes on where
the last one was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import ControlError, MoodError
from engine.files.atomic import write_whole
from engine.parameters.address import Address, Value
from engine.parameters.addresses import PAD, ROOM, SOUND, TABLE, values_of
from engine.parameters.room import RoomState
from engine.parameters.scales import intervals_of
from engine.parameters.sound import Mood, SoundSettings

SOUND_PATHS = frozenset(row.path for row in SOUND)
ROOM_PATHS = frozenset(row.path for row in ROOM)
PAD_PATHS = frozenset(row.path for row in PAD)


@dataclass
class ControlState:
    """Values are targets: while a mood glides in, what sounds is on its way there."""

    mood: str
    seed: int
    morph_s: float = 8.0
    compare: bool = False
    """True while the stored mood sounds, to be compared with what hands have made of it."""
    sound: dict[str, Value] = field(default_factory=lambda: values_of(SoundSettings()))
    room: dict[str, Value] = field(default_factory=lambda: values_of(RoomState()))
    pad: dict[str, Value] = field(default_factory=lambda: {row.path: row.default or 0 for row in PAD})

    @classmethod
    def of_mood(cls, name: str, mood: Mood, seed: int, room: RoomState | None = None) -> ControlState:
        """The state at the start: a mood untouched by hand, in a room."""
        return cls(mood=name, seed=seed, sound=values_of(mood), room=values_of(room or RoomState()))

    @property
    def values(self) -> dict[str, Value]:
        """Every value by address, in the order of the table."""
        own: dict[str, Value] = {"/mood": self.mood, "/mood/morph_s": self.morph_s, "/mood/compare": int(self.compare)}
        return {**own, "/seed": self.seed, **self.pad, **self.sound, **self.room}

    def set(self, row: Address, value: Value) -> None:
        """Take a value that `row.parse` let through.

        Raises ControlError when it is well formed but cannot be used, such as a scale that is none.
        """
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
        elif row.path in PAD_PATHS:
            self.pad[row.path] = value
        else:
            raise ControlError(f"{row.path} holds no value")

    def restore(self, values: Mapping[str, Value]) -> None:
        """Go back to values as `values` gave them; the seed stays, since what was drawn from it has been heard."""
        self.mood, self.morph_s = str(values["/mood"]), float(values["/mood/morph_s"])
        self.compare = bool(values["/mood/compare"])
        self.sound = {path: values[path] for path in self.sound}
        self.room = {path: values[path] for path in self.room}
        self.pad = {path: values[path] for path in self.pad}

    def write(self, path: Path) -> None:
        """Writes the file from which a renderer or hub begins that was started again; it is never read half written."""
        others = {"morph_s": self.morph_s, "room": self.room, "pad": self.pad}
        contents = {"mood": self.mood, "seed": self.seed, "values": self.sound, **others}
        write_whole(path, json.dumps(contents, indent=1))

    @classmethod
    def read(cls, path: Path) -> ControlState | None:
        """What `write` wrote, as far as it can be used; None where there is no such file."""
        try:
            contents = json.loads(path.read_text("utf-8"))
            state = cls(str(contents["mood"]), int(contents["seed"]), float(contents["morph_s"]))
            values = {**contents["values"], **contents["room"], **contents["pad"]}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        for address, value in values.items():
            with suppress(ControlError, KeyError):
                row = TABLE[address]
                parsed = row.parse([value])
                state.set(row, 0 if parsed is None else parsed)
        return state


def check_scale_mode(mode: str) -> None:
    """Raises ControlError for a mode that is neither named nor a list of intervals."""
    try:
        intervals_of(mode)
    except MoodError as error:
        raise ControlError(f"/scale/mode: {error}") from None

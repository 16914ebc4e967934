"""What the voices of a reel play, key by key, in a small file beside it: `c-017.json` for `c-017.wav`.

Whoever plays an instrument when a reel is heard reads it then. It is written before the reel is announced, and removed
with it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from engine.errors import ReelError
from engine.music.key_events import Action, KeyEvent


@dataclass(frozen=True, slots=True)
class ReelKeys:
    """Frames of `events` count from the beginning of the reel; `ports` names the MIDI port of a voice that has one."""

    events: Sequence[KeyEvent]
    ports: Mapping[str, str]
    generation: str = ""
    number: int = -1

    def write(self, reel: Path, generation: str, number: int) -> None:
        """Beside `reel`, the `number`th of its generation. Raises OSError."""
        rows = [[event.frame, event.voice, event.action, event.pitch, event.value] for event in self.events]
        contents = {"generation": generation, "number": number, "ports": dict(self.ports), "keys": rows}
        path = keys_path(reel)
        temporary = path.with_suffix(".keys.part")
        temporary.write_text(json.dumps(contents), "utf-8")
        os.replace(temporary, path)

    @classmethod
    def read(cls, reel: Path) -> Self:
        """What lies beside `reel`. Raises ReelError where there is nothing, or something else."""
        try:
            contents = json.loads(keys_path(reel).read_text("utf-8"))
            events = [
                KeyEvent(int(frame), str(voice), Action(action), int(pitch), int(value))
                for frame, voice, action, pitch, value in contents["keys"]
            ]
            ports = {str(voice): str(port) for voice, port in contents["ports"].items()}
            return cls(events, ports, str(contents["generation"]), int(contents["number"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ReelError(f"{keys_path(reel)}: not the keys of a reel ({problem})") from problem


def keys_path(reel: Path) -> Path:
    return reel.with_suffix(".json")


class KeyCollector:
    """Gathers what a studio plays, and hands it out reel by reel. Frames count from the beginning of the run."""

    def __init__(self, reel_frames: int) -> None:
        self._reel_frames = reel_frames
        self._waiting: list[KeyEvent] = []

    def add(self, event: KeyEvent) -> None:
        self._waiting.append(event)

    def take(self, number: int) -> list[KeyEvent]:
        """The events of reel `number` of the run, which are then forgotten, with all before them."""
        begins, ends = number * self._reel_frames, (number + 1) * self._reel_frames
        taken = [one._replace(frame=one.frame - begins) for one in self._waiting if begins <= one.frame < ends]
        self._waiting = [one for one in self._waiting if one.frame >= ends]
        return taken

"""Whether the room lets a voice through: an instrument is silent where its loudspeakers would be."""

from __future__ import annotations

import json
from pathlib import Path

from engine.parameters.room import heard_stems
from engine.parameters.scaling import SILENCE_DB
from engine.parameters.stems import VOICES


class Gates:
    """Reads what the hub writes into `state.json` at each change."""

    def __init__(self, state_file: Path) -> None:
        self._file = state_file
        self._read_ns = -1
        self.silent: frozenset[str] = frozenset()
        """Voices that a mute, a solo or a closed fader silences."""
        self.closed = False
        """The whole room is faded to silence, or its level closed."""

    def look(self) -> bool:
        """Read the file if it is new; whether it was. One that cannot be read changes nothing."""
        try:
            written_ns = self._file.stat().st_mtime_ns
            if written_ns == self._read_ns:
                return False
            values = json.loads(self._file.read_text("utf-8"))["room"]
            self.silent = frozenset(voice for voice in VOICES if not _is_heard(values, voice))
            self.closed = bool(values["/room/silent"]) or float(values["/room/level_db"]) <= SILENCE_DB
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self._read_ns = written_ns
        return True


def _is_heard(values: dict[str, object], voice: str) -> bool:
    level = values.get(f"/stem/{voice}/level_db", 0.0)
    return voice in heard_stems(values) and isinstance(level, int | float) and level > SILENCE_DB

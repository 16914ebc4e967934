"""A backend for mido (`MIDO_BACKEND`) whose devices are named pipes in the folder MIDI_PIPES: real bytes, no driver."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mido


def get_devices(**_: object) -> list[dict[str, object]]:
    names = sorted(path.name for path in Path(os.environ["MIDI_PIPES"]).iterdir())
    return [{"name": name, "is_input": True, "is_output": False} for name in names]


class Input:
    def __init__(self, name: str, callback: Callable[[Any], None], **_: object) -> None:
        self._end = os.open(Path(os.environ["MIDI_PIPES"]) / name, os.O_RDWR)
        self._callback, self._parser = callback, mido.Parser()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while data := os.read(self._end, 1024):
            self._parser.feed(data)
            for message in self._parser:
                self._callback(message)

    def close(self) -> None:
        """The thread goes with the process."""

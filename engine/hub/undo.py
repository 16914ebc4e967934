"""Earlier settings, for undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.parameters.address import Value

MOST_STEPS: Final = 50
ONE_GESTURE_S: Final = 1.5
"""Changes of one control that follow each other within this time are one step: a fader that was pulled."""

Snapshot = Mapping[str, Value]


class Undo:
    """Snapshots of all values, each from before a change; the oldest go first."""

    def __init__(self) -> None:
        self._steps: list[Snapshot] = []
        self._last_key = ""
        self._last_s = 0.0

    def __len__(self) -> int:
        return len(self._steps)

    def note(self, key: str, before: Snapshot, now_s: float) -> None:
        """Remember how things were before `key` was changed."""
        if key != self._last_key or now_s - self._last_s > ONE_GESTURE_S:
            self._steps = [*self._steps[1 - MOST_STEPS :], dict(before)]
        self._last_key, self._last_s = key, now_s

    def to_json(self) -> list[dict[str, Value]]:
        """The oldest step whole, of each later one only what is different from the one before."""
        found: list[dict[str, Value]] = []
        before: Snapshot = {}
        for step in self._steps:
            found.append({path: value for path, value in step.items() if before.get(path) != value})
            before = step
        return found

    def restore(self, steps: list[dict[str, Value]]) -> None:
        """Become what `to_json` told of."""
        self._steps, before = [], dict[str, Value]()
        for step in steps:
            before = {**before, **step}
            self._steps.append(before)

    def back(self) -> Snapshot | None:
        """How things were before the last change that is remembered, which is then forgotten."""
        self._last_key = ""
        return self._steps.pop() if self._steps else None

"""What to do when what is heard is wrong: one step, time for it to work, the next step, without giving up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

Part = Literal["room", "renderer"]

STEPS: Final[Mapping[str, tuple[Part, ...]]] = {
    "silence": ("room", "renderer"),
    "loud": ("room", "renderer"),
    "dc": ("room", "renderer"),
    "stuck": ("room", "renderer"),
    "frozen": ("room",),
    "same level": ("room", "renderer"),
    "deck": ("room", "renderer"),
    "refused": ("renderer",),
    "held": ("room", "renderer"),
    "barren": ("renderer",),
}
"""Which parts are started again, in turn, by the check that fails. A renderer gives way before it sends out a roar, a
direct current, or silence for notes (`engine.reels.checks`), and the room plays only reels that are as they were
announced: so what is wrong with the sound is first the room's fault, whose place a spare one takes at once. If that
does not help, it was the renderer's."""

SETTLE_S: Final = 15.0
"""A new renderer is heard after this long at the latest."""
LONGEST_PAUSE_S: Final = 600.0
CURED_S: Final = 120.0


@dataclass
class RestartPolicy:
    """Asked with every look at the room; answers with the part to start again, if there is one.

    Each check has turns and pauses of its own: what was tried against one fault says nothing about the next.
    """

    _tries: Counter[str] = field(default_factory=Counter)
    _next_s: dict[str, float] = field(default_factory=dict)
    _settled_s: float = 0.0
    _fine_since_s: float | None = None

    def next_step(self, failing: Sequence[str], now_s: float) -> Part | None:
        """The part to start again now because of what fails, the surest sign first; None: nothing, or not yet.

        The pauses grow: 15 s, 15 s, 30 s, 60 s … 10 minutes; two minutes without a fault make them short again.
        """
        if not failing:
            self._fine_since_s = now_s if self._fine_since_s is None else self._fine_since_s
            if now_s - self._fine_since_s >= CURED_S:
                self._tries.clear()
                self._next_s.clear()
            return None
        self._fine_since_s = None
        check = failing[0]
        if now_s < max(self._settled_s, self._next_s.get(check, 0.0)):
            return None
        tries, steps = self._tries[check], STEPS[check]
        self._settled_s = now_s + SETTLE_S
        self._next_s[check] = now_s + min(LONGEST_PAUSE_S, SETTLE_S * 2.0 ** min(max(0, tries - 1), 10))
        self._tries[check] += 1
        return steps[tries % len(steps)]

"""How late the watching loop itself was lately: when it is late, others are too, and are alive."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

REMEMBERED_S: Final = 5.0


@dataclass
class LoopLag:
    """The loop should come round every `usual_s` at the latest. Pure logic: every time is an argument."""

    usual_s: float
    _looked_s: float | None = None
    _late: deque[tuple[float, float]] = field(default_factory=deque)
    """(when, by how much), latest last."""

    def look(self, now_s: float) -> float:
        """The loop comes round now: the worst lateness of the last `REMEMBERED_S` seconds, in seconds."""
        if self._looked_s is not None and (late_s := now_s - self._looked_s - self.usual_s) > 0:
            self._late.append((now_s, late_s))
        self._looked_s = now_s
        while self._late and now_s - self._late[0][0] > REMEMBERED_S:
            self._late.popleft()
        return max((late_s for _, late_s in self._late), default=0.0)

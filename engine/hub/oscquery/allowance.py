"""How much one sender may still say: so much at once, and so much a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Allowance:
    """A bucket that holds `burst`, and fills up by `per_s` a second."""

    per_s: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _then_s: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._then_s = self.burst, self.clock()

    def take(self) -> bool:
        """Whether there is one left, which then is taken."""
        now_s = self.clock()
        self._left = min(self.burst, self._left + (now_s - self._then_s) * self.per_s)
        self._then_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

"""A condition that counts only once it has lasted, and is over only once the opposite has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Hysteresis:
    """Begins when `bad` held for `after_s` without a break; ends when `good` held for `clear_s`.

    Between the two thresholds (neither bad nor good) nothing begins and nothing ends: that is the hysteresis.
    """

    after_s: float
    clear_s: float = 1.0
    on: bool = False
    _bad_since_s: float | None = None
    _good_since_s: float | None = None

    def see(self, bad: bool, good: bool, now_s: float) -> bool:
        """Whether it is on, after what is seen now."""
        self._bad_since_s = (now_s if self._bad_since_s is None else self._bad_since_s) if bad else None
        self._good_since_s = (now_s if self._good_since_s is None else self._good_since_s) if good else None
        if self.on:
            if self._good_since_s is not None and now_s - self._good_since_s >= self.clear_s:
                self.on = False
        elif self._bad_since_s is not None and now_s - self._bad_since_s >= self.after_s:
            self.on = True
        return self.on

    def forget(self) -> None:
        """Begins again: what was seen so far no longer counts."""
        self.on, self._bad_since_s, self._good_since_s = False, None, None

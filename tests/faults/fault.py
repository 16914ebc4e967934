"""A fault and what is expected of it; what then was measured, and where it missed what is demanded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.stage import Stage


@dataclass(frozen=True)
class Fault:
    """`act` makes it; `undo`, if any, ends it after `lasts_s`. What it may cost is in `gap_s` and `full_s`.

    `says`, one pattern or several, must be found in what the installation printed or logged, in this order; a set of
    patterns in any order. A fault with `prepare` has an installation of its own: `prepare` gets that run's stage, with
    a copy of the project, before the start.
    """

    name: str
    expected: str
    act: Callable[[Stage], None]
    says: str | tuple[str, ...] | frozenset[str] = ""
    gap_s: float = 0.0
    full_s: float = 15.0
    lasts_s: float = 0.0
    """Listened to for so long before it is over, even where nothing has to be undone."""
    undo: Callable[[Stage], None] | None = None
    prepare: Callable[[Stage], Sequence[str]] | None = None
    together: bool = False
    """Shares its installation with the faults beside it that are prepared alike."""
    rest_s: float = 0.0
    """Waited before: what was done about the fault before is given its time, and does not delay this one's remedy."""
    wrong_s: float = 0.0
    """So long may be heard what is no music: a roar, a direct current, one value, the same over and over."""
    click_db: float | None = -60.0
    after: Callable[[Stage], None] | None = None
    """Clears up what was prepared, when all is over."""
    short: bool = False

    @property
    def patterns(self) -> tuple[str, ...]:
        return (self.says,) if isinstance(self.says, str) else tuple(self.says)

    @property
    def in_order(self) -> bool:
        return not isinstance(self.says, frozenset)


@dataclass(frozen=True)
class Outcome:
    """What was measured. `full_s`: until full music was back, from when the fault ended; None: it never was."""

    fault: Fault
    gap_frames: int
    click_db: float
    peak_db: float
    full_s: float | None
    disturbed: bool
    logged: str
    wrong_s: float = 0.0
    broke: str = ""
    """Why it could not be played at all."""

    @classmethod
    def of_broken(cls, fault: Fault, why: str) -> Outcome:
        return cls(fault, 0, 0.0, 0.0, None, disturbed=True, logged="", broke=" ".join(why.split()))

    @property
    def problems(self) -> list[str]:
        """Where it missed what the table demands."""
        if self.broke:
            return [f"could not be played: {self.broke}"]
        found = []
        if self.gap_frames > self.fault.gap_s * 48_000:
            found.append(f"{self.gap_frames} silent frames, at most {self.fault.gap_s * 48_000:.0f} are allowed")
        if self.fault.click_db is not None and self.click_db > self.fault.click_db:
            found.append(f"a click of {self.click_db:.0f} dB")
        if self.wrong_s > self.fault.wrong_s:
            found.append(f"{self.wrong_s:.1f} s that are no music, at most {self.fault.wrong_s:g} s are allowed")
        if self.peak_db > -1.2:
            found.append(f"a peak of {self.peak_db:.1f} dB")
        if self.full_s is None or self.full_s > self.fault.full_s:
            found.append("full music " + ("never" if self.full_s is None else f"after {self.full_s:.1f} s"))
        if any(self.fault.patterns) and not self.logged:
            missed = (" and then " if self.fault.in_order else " and ").join(self.fault.patterns)
            found.append(f"nothing was logged that holds {missed}")
        return found

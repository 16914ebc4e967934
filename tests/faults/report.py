"""The outcomes as a table in Markdown."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime

from tests.faults.stage import Outcome

HEAD = """# What happens when something breaks

Written by `python -m tests.faults` on {day} ({machine}): one real installation without a sound card plays, each of
these happens to it, and what the room recorded is measured. Not edited by hand.

* **silence**: the longest run of frames (1/48,000 s) in which nothing was heard, from half a second before the fault
  until full music was back
* **click**: the largest discontinuity as the height of a step, 0 dB being full scale; the mood that plays has nothing
  above 2 kHz, so anything sharper was not played. Where the fault itself is noise, or Pd ends, there is none to give.
* **full music**: until reels played with three ahead, on all parts, for good; 0 where nothing was ever missing. Faults
  that last are counted from their end.

| fault | expected | silence | click | loudest | full music | what was logged |
|---|---|---|---|---|---|---|
"""


def markdown(outcomes: Sequence[Outcome]) -> str:
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    lines = [_line(one) for one in outcomes]
    return HEAD.format(day=datetime.now(UTC).date(), machine=machine) + "\n".join(lines) + "\n"


def _line(one: Outcome) -> str:
    click = "–" if one.fault.click_db is None else f"{one.click_db:.0f} dB"
    full = "never" if one.full_s is None else f"{one.full_s:.1f} s" if one.disturbed else "0"
    silence = "0" if one.gap_frames == 0 else f"{one.gap_frames} ({one.gap_frames / 48_000:.2f} s)"
    logged = one.logged.replace("|", "/")[:100]
    missed = f" **{'; '.join(one.problems)}**" if one.problems else ""
    cells = (one.fault.name, one.fault.expected + missed, silence, click, f"{one.peak_db:.1f} dB", full, logged)
    return f"| {' | '.join(cells)} |"

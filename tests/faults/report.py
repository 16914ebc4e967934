"""The outcomes as a table in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

import psutil

from engine.room.pd_process import find_pd, pd_version
from tests.faults.fault import Outcome
from tests.faults.stage import SEED

HEAD = """# What happens when something breaks

Written by `python -m tests.faults` on {when}, in one run of {took}: real installations without a sound card
play (seed 1), each of these happens to them at a moment drawn by chance (seed {seed}), and what the room recorded is
measured. The first {shared} share one installation, one after the other; beside it each of the rest has one of its own,
or shares one that was prepared to go wrong in several ways. Not edited by hand.

{machine}. {versions}.

* **silence**: the longest run of frames (1/48,000 s) in which nothing was heard, from half a second before the fault
  until full music was back; from the fault on where Pd itself ends, for up to 0.23 s of what it played before are then
  not in its recording yet
* **click**: the largest discontinuity as the height of a step, 0 dB being full scale; the mood that plays has nothing
  above 2 kHz, so anything sharper was not played. Where the fault itself is noise, or Pd ends, there is none to give.
* **wrong**: how long what was heard was no music: a roar, a direct current, one value, the same over and over; in
  windows of a third of a second
* **full music**: until reels played with three ahead, on all parts, for good; 0 where nothing was ever missing. Faults
  that last are counted from their end.

| fault | expected | silence | click | loudest | wrong | full music | what was logged |
|---|---|---|---|---|---|---|---|
"""


TAIL = """
## Who watches whom

The supervisor is the outermost process: one thread that starts the others, hears their reports, and starts anew what
ends, hangs, or is heard to go wrong. The hub, which speaks with everybody outside, is a process like the others. Its
socket stays open while it is away, so that nothing that is said meanwhile is lost.

All others end with the supervisor, so that nothing is left behind: the kernel sees to it (`PR_SET_PDEATHSIG`), and
where it cannot, as on macOS, a small process that does nothing else. A service manager then starts all of it anew,
which is heard. A hub that stops, hangs or ends is replaced, and is not heard.

A supervisor that was stopped is told to go on by the hub. One that hangs is ended by systemd's watchdog within a
minute; without systemd nobody ends it, and the music plays on, with nobody who would start anew what fails.
"""


def markdown(outcomes: Sequence[Outcome], took_s: float) -> str:
    """`took_s` is how long it took to play them all."""
    head = HEAD.format(
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        took=f"{took_s / 60:.0f} minutes",
        seed=SEED,
        shared=sum(one.fault.prepare is None for one in outcomes),
        machine=_machine(),
        versions=", ".join(_versions()),
    )
    return head + "\n".join(_line(one) for one in outcomes) + "\n" + TAIL


def _machine() -> str:
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    memory_gb = psutil.virtual_memory().total / 1e9
    what = f"{platform.machine()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()}"
    return f"{what}; load {load} at the end"


def _versions() -> list[str]:
    pd = ".".join(map(str, pd_version(find_pd())))
    packages = [f"{name} {version(name)}" for name in ("numpy", "numba")]
    return [f"Python {platform.python_version()}", f"Pure Data {pd}", *packages]


def _line(one: Outcome) -> str:
    if one.broke:
        return f"| {one.fault.name} | {one.fault.expected} **{one.problems[0][:160]}** | – | – | – | – | – | |"
    click = "–" if one.fault.click_db is None else f"{one.click_db:.0f} dB"
    full = "never" if one.full_s is None else f"{one.full_s:.1f} s" if one.disturbed else "0"
    silence = "0" if one.gap_frames == 0 else f"{one.gap_frames} ({one.gap_frames / 48_000:.2f} s)"
    logged = one.logged.replace("|", "/")
    missed = f" **{'; '.join(one.problems)}**" if one.problems else ""
    wrong = f"{one.wrong_s:.1f} s" if one.wrong_s else "0"
    loudest = f"{one.peak_db:.1f} dB"
    cells = (one.fault.name, one.fault.expected + missed, silence, click, loudest, wrong, full, logged)
    return f"| {' | '.join(cells)} |"

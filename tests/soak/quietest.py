"""An hour of the quietest mood: the judge of what is heard must not stir in it, and in it every check must fire.

The hour is played by a real installation whose own judge listens; `section` then looks at what it logged, and has the
judge hear the recording again, with each fault put into it at many places.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from engine.supervision.monitoring.audible import CHECKS
from tests.engine.supervision.monitoring.judging import FAULTS, WINDOW_FRAMES, WINDOW_S, alarms, rows_of
from tests.soak.listening import pieces

QUIETEST: Final = "night"
QUIETEST_HOURS: Final = 1.0
PLACES: Final = 50
BEFORE_S: Final = 5.0
AFTER_S: Final = 40.0


def heard(recording: Path) -> np.ndarray:
    """Levels [n, 3] in dB of the recording's windows, as Pd reports them, from the first sound on."""
    rows = rows_of(_windows(recording))
    first = int(np.argmax(rows[:, :2].max(axis=1) > -80.0))
    return rows[first:]


def logged_alarms(logs: Path) -> list[str]:
    """What the installation's judge said itself, while it played."""
    said = []
    for path in sorted(logs.glob("events.jsonl*"), reverse=True):
        events = (json.loads(line) for line in path.read_text("utf-8").splitlines())
        said += [f"{event['time']} {event['text']}" for event in events if event["event"] == "audible"]
    return said


def found_after_s(rows: np.ndarray) -> dict[str, tuple[int, float, float]]:
    """(places where it was found, quickest, slowest in s) by check, each fault at `PLACES`."""
    found = {}
    before, after = round(BEFORE_S / WINDOW_S), round(AFTER_S / WINDOW_S)
    for check in FAULTS:
        times_s = []
        for place in np.linspace(before, len(rows) - after - 1, PLACES).astype(int):
            around = rows[place - before : place + after]
            said = [second for second, name in alarms(around, check, before) if name == check]
            times_s += [second - before * WINDOW_S for second in said[:1]]
        found[check] = (len(times_s), min(times_s, default=0.0), max(times_s, default=0.0))
    return found


def section(folder: Path) -> str:
    """For the report, from a folder that `observe` wrote."""
    rows = heard(folder / "out.wav")
    loudest = rows[:, :2].max(axis=1)
    live, again = logged_alarms(folder / "runtime" / "logs"), alarms(rows)
    found = found_after_s(rows)
    lines = [f"| {check} | {found[check][0]} of {PLACES} | {_range(found[check])} |" for check in CHECKS]
    return TEMPLATE.format(
        minutes=len(rows) * WINDOW_S / 60,
        mood=QUIETEST,
        quietest=loudest.min(),
        median=np.median(loudest),
        loudest=loudest.max(),
        live=_said(live),
        again=_said([f"{second:.0f} s: {check}" for second, check in again]),
        checks="\n".join(lines),
        places=PLACES,
    )


TEMPLATE: Final = """## An hour of the quietest mood

{minutes:.0f} minutes of `{mood}` in real time. Levels of a third of a second: {quietest:.1f} to {loudest:.1f} dB, half
of them under {median:.1f} dB. Alarms of the installation's own judge while it played: {live}. Alarms of the judge that
heard the recording again: {again}.

Into the same hour each fault was put at {places} places, as Pd or the renderer would report it (what real processes do
under real faults is in [the fault table](../faults.md)):

| check | found | after |
|---|---|---|
{checks}
"""


def _range(found: tuple[int, float, float]) -> str:
    return f"{found[1]:.1f} to {found[2]:.1f} s" if found[0] else "–"


def _said(alarms: list[str]) -> str:
    return f"{len(alarms)} ({'; '.join(alarms[:3])})" if alarms else "none"


def _windows(recording: Path) -> Iterator[np.ndarray]:
    held: np.ndarray[Any, np.dtype[np.float64]] = np.empty((0, 2))
    for piece in pieces(recording):
        held = np.concatenate([held, piece])
        while len(held) >= WINDOW_FRAMES:
            yield held[:WINDOW_FRAMES]
            held = held[WINDOW_FRAMES:]

"""Runs the installation, lets faults happen to it, and finds what was heard of each."""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import psutil

from engine.parameters.stems import SAMPLE_RATE_HZ
from tests.faults.fault import Fault, Outcome
from tests.faults.measure import Audio, discontinuity_db, frames_between, longest_gap_frames, peak_db, wrong_s
from tests.installation import ROOT, Running, installation

MOOD: Final = Path(__file__).with_name("still.yaml")
SEED: Final = 7
"""Of the moments at which faults happen."""
SPARE_READY_S: Final = 3.0
"""A spare room that has run for so long has opened its patch."""
START_S: Final = 60.0
FULL_LEAD: Final = 3.0
LOOK_S: Final = 0.02
BEFORE_S: Final = 0.5
"""What is heard before a fault belongs to the measurement: a fault acts at once, and reports of it are late. Not so
where Pd itself may end: what it has not written of its recording yet was heard, and is lost."""
FRESH_S: Final = 2.5
"""Older news than this says nothing: who tells it may be the one at fault."""
STEADY_S: Final = 1.0
"""Full music must last this long to count as back."""
LONGEST_WAIT_S: Final = 75.0
MOST_LOGGED: Final = 240
"""Characters of what was logged, in all."""

PROJECT: Final = ("engine", "models", "pd_patches", "presets", "run_installation.py", "pyproject.toml")


@dataclass
class Stage:
    """One run of the installation in `folder`, and the faults that happened to it."""

    folder: Path
    project: Path = ROOT
    random: Random = field(default_factory=lambda: Random(SEED))
    run: Running = field(init=False)
    prefix: Sequence[str] = ()
    environment: dict[str, str] = field(default_factory=dict)
    said: str = ""
    """What others than the installation said of the fault, for instance a second one that was refused."""
    notes: dict[str, object] = field(default_factory=dict)
    """Where a fault may keep what its undoing needs."""

    @property
    def runtime(self) -> Path:
        return self.folder / "runtime"

    def status(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = json.loads((self.runtime / "status.json").read_text("utf-8"))
        return found

    def pid(self, role: str) -> int:
        """The process of that role, once there is one: a spare room takes some seconds to be there again."""
        end_s = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < end_s:
            with suppress(OSError, ValueError, AssertionError, psutil.Error):  # status.json may be on its way back, too
                found = self.run.child(f"engine.{role}").pid if role in ("sampler", "renderer") else self._told(role)
                if found is not None:
                    return found
            self.run.listen()
            time.sleep(LOOK_S)
        raise AssertionError(f"there is no {role}: {self.run.output()}")

    def _told(self, role: str) -> int | None:
        return self.status()["pids"].get(role)

    def await_spare(self) -> None:
        """A single fault finds everything in order: after the one before, a spare room has come back."""
        spare = psutil.Process(self.pid("spare"))
        while time.time() - spare.create_time() < SPARE_READY_S:
            self.run.listen()
            time.sleep(LOOK_S)

    def send(self, role: str, number: int) -> None:
        pid = self.pid(role)
        self.notes[role] = pid
        psutil.Process(pid).send_signal(number)

    @property
    def full(self) -> bool:
        """Reels play, enough are ahead, and the room sounds."""
        heard = self.run.heard
        if time.monotonic() - self.run.heard_s.get("/room/meter", 0.0) > FRESH_S:
            return False
        lead = heard.get("/reel/lead", (0.0,))[0]
        level = heard.get("/room/meter", (-100.0,))[0]
        return (
            heard.get("/lamp/hold") == (0.0,)
            and heard.get("/lamp/room") == (1.0,)
            and heard.get("/lamp/renderer") == (1.0,)
            and isinstance(lead, float)
            and lead >= FULL_LEAD
            and isinstance(level, float)
            and level > -60.0
        )

    def until_full(self, limit_s: float) -> tuple[float | None, bool]:
        """(seconds until full music is back for good, or None; whether it was ever not full)."""
        begin_s = time.monotonic()
        last_not_s, disturbed = begin_s, False
        while (now_s := time.monotonic()) - begin_s < limit_s:
            self.run.listen()
            if not self.full:
                last_not_s, disturbed = now_s, True
            elif now_s - last_not_s >= STEADY_S and now_s - begin_s >= STEADY_S + 2.0:
                return last_not_s - begin_s, disturbed
            time.sleep(LOOK_S)
        return None, disturbed


@contextmanager
def stage(folder: Path, fault: Fault | None = None, *, draws_all: bool = True) -> Iterator[Stage]:
    """A running installation with full music; the fault's preparations, if it has any, are made before.

    It `draws_all` by itself where it is measured, or it would have less to do than in a room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    one = Stage(folder)
    options: Sequence[str] = ("--mood", str(MOOD))
    if fault and fault.prepare:
        one.project = copy_project(folder / "project")
        options = (*options, *fault.prepare(one))
    with installation(
        folder,
        *options,
        project=one.project,
        prefix=one.prefix,
        environment=one.environment,
        draws_all=draws_all,
    ) as one.run:
        yield one


def copy_project(to: Path) -> Path:
    """The project as it is installed, to be damaged."""
    to.mkdir()
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name)  # with what was compiled, or each copy would do that anew
        else:
            shutil.copy(source, to / name)
    return to


@dataclass(frozen=True)
class _Course:
    """How a fault went, from when to when (monotonic); the other fields are those of an outcome."""

    fault: Fault
    began_s: float
    ended_s: float
    full_s: float | None
    disturbed: bool
    words: str
    broke: str


def play(folder: Path, faults: Sequence[Fault], *, draws_all: bool = True) -> list[Outcome]:
    """One run of the installation in which these happen, one after the other, each when the music is full again."""
    own = faults[0] if faults[0].prepare else None
    with stage(folder, own, draws_all=draws_all) as one:
        one.until_full(START_S)
        courses = [_let_happen(one, fault) for fault in faults]
        one.run.interrupt()
        audio = one.run.recording()
    begins_s = _begins_s(one.runtime)
    for fault in faults:
        if fault.after:
            fault.after(one)
    return [_outcome(course, audio, begins_s) for course in courses]


def _let_happen(one: Stage, fault: Fault) -> _Course:
    print(f"{time.strftime('%H:%M:%S')} {fault.name}", file=sys.stderr, flush=True)
    _listen(one, fault.rest_s)
    one.await_spare()
    _listen(one, one.random.uniform(0.4, 1.0))  # at any place in a reel
    said, broke = len(one.run.everything()), ""
    began_s = time.monotonic()
    one.said = ""
    try:
        fault.act(one)
        _listen(one, fault.lasts_s)
        if fault.undo:
            fault.undo(one)
    except Exception as error:  # one that cannot be played here must not cost those that can
        broke = f"{type(error).__name__}: {error}"
    full_s, disturbed = one.until_full(LONGEST_WAIT_S)
    words = (one.run.everything()[said:] + one.said).replace(f"{one.folder}/", "")
    return _Course(fault, began_s, time.monotonic(), full_s, disturbed, words, broke)


def _listen(one: Stage, length_s: float) -> None:
    end_s = time.monotonic() + length_s
    while time.monotonic() < end_s:
        one.run.listen()
        time.sleep(LOOK_S)


def _outcome(course: _Course, audio: Audio, begins_s: float) -> Outcome:
    if course.broke:
        return Outcome.of_broken(course.fault, course.broke)
    before_s = 0.0 if course.fault.gap_s else BEFORE_S
    from_s = course.began_s - before_s
    heard = frames_between(audio, begins_s, from_s, course.ended_s)
    if begins_s > from_s:  # all ended, and began anew with a recording of its own
        heard = np.pad(heard, ((round((begins_s - from_s) * SAMPLE_RATE_HZ), 0), (0, 0)))
    return Outcome(
        course.fault,
        longest_gap_frames(heard) if len(heard) else 10**9,
        discontinuity_db(heard),
        peak_db(heard),
        course.full_s,
        course.disturbed,
        logged(course.fault, course.words.splitlines()),
        wrong_s(heard),
    )


def logged(fault: Fault, lines: list[str]) -> str:
    """The first line for each pattern, after that of the one before if order counts; nothing where one is missing."""
    places: list[int] = []
    for pattern in fault.patterns if any(fault.patterns) else ():
        begin = places[-1] + 1 if places and fault.in_order else 0
        place = next((n for n, line in enumerate(lines[begin:], begin) if re.search(pattern, line)), None)
        if place is None:
            return ""
        places.append(place)
    most = MOST_LOGGED // max(1, len(places))
    return ", then ".join(re.sub(r"^[\d:]+ ", "", lines[place]).strip()[:most] for place in sorted(places))


def _begins_s(runtime: Path) -> float:
    """When the recording's first frame was played, from the log."""
    for line in reversed((runtime / "logs" / "events.jsonl").read_text("utf-8").splitlines()):
        event = json.loads(line)
        if event["event"] == "recorded":
            return float(event["begins_s"])
    raise AssertionError(f"nothing was recorded in {runtime}")

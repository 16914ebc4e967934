"""The figures of a run: what was played, how well, and what it cost in processor and memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil

from engine.parameters.stems import SAMPLE_RATE_HZ
from engine.reels.format import REEL_FRAMES
from engine.supervision.statistics import Statistics

PROPORTIONAL_EVERY: Final = 5
"""Looks: the system walks all pages of a process to say how many it shares, a few ms for the larger ones."""


@dataclass
class Usage:
    """Processor time and memory of one named process, its children and its predecessors.

    Measured by looking now and then, so what a process spends after the last look before its death is missed.
    Memory is told twice: resident, which counts what processes share once for each of them, and proportionally, which
    divides it among them, so that only such sums over processes say what a machine needs.
    """

    cpu_s_by_pid: dict[tuple[int, float], float] = field(default_factory=dict)
    peak_rss_bytes: int = 0
    rss_bytes: int = 0
    peak_pss_bytes: int = 0
    handles: int = 0
    """Open files and sockets."""
    _looks: int = 0

    def look(self, pid: int, has_children: bool = False) -> None:
        """Take the figures of `pid`, and of its children where it has any: finding them is costly."""
        with suppress(psutil.Error):
            parent = psutil.Process(pid)
            family = (parent, *(parent.children(recursive=True) if has_children else ()))
            self._look_at(family)

    def look_at_self(self) -> None:
        """The calling process without its children, which are counted under their own names."""
        self._look_at((psutil.Process(),))

    def _look_at(self, family: Sequence[psutil.Process]) -> None:
        """A process and its children, itself first."""
        rss_bytes = pss_bytes = 0
        for process in family:
            with suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                self.cpu_s_by_pid[process.pid, process.create_time()] = times.user + times.system
                rss_bytes += process.memory_info().rss
                pss_bytes += proportional_bytes(process.pid) if self._looks % PROPORTIONAL_EVERY == 0 else 0
        self._looks += 1
        self.rss_bytes = rss_bytes
        self.peak_rss_bytes = max(self.peak_rss_bytes, rss_bytes)
        self.peak_pss_bytes = max(self.peak_pss_bytes, pss_bytes)
        with suppress(psutil.Error):
            self.handles = family[0].num_fds()

    @property
    def cpu_s(self) -> float:
        return sum(self.cpu_s_by_pid.values())


def proportional_bytes(pid: int | None) -> int:
    """Proportional set size of a process (proc_pid_smaps(5)), None for one's own; resident where the system tells none.

    Raises psutil.Error where there is no such process.
    """
    with suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid or 'self'}/smaps_rollup").read_text("ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return int(psutil.Process(pid).memory_info().rss)


def summarise(
    statistics: Statistics, usage: Mapping[str, Usage], now_s: float, restarts: Mapping[str, int]
) -> dict[str, Any]:
    """All figures of a run that lasted until `now_s`; fractions are of one core, averaged over the run."""
    length_s = max(now_s - statistics.started_s, 1e-9)
    fractions = {name: round(u.cpu_s / length_s, 4) for name, u in usage.items()}
    resident_mb = {name: round(u.peak_rss_bytes / 1e6, 1) for name, u in usage.items()}
    proportional_mb = {name: round(u.peak_pss_bytes / 1e6, 1) for name, u in usage.items()}
    first = statistics.first_sound_s
    return {
        "length_s": round(length_s, 2),
        "frames_played": statistics.reels_played * REEL_FRAMES,
        "sample_rate": int(statistics.sample_rate_hz or SAMPLE_RATE_HZ),
        "first_sound_s": None if first is None else round(first, 3),
        "reels_played": statistics.reels_played,
        "late_reels": statistics.late_reels,
        "bad_reels": statistics.bad_reels,
        "holds": statistics.holds,
        "hold_s": round(statistics.hold_s(now_s), 3),
        "gaps": statistics.gaps,
        "gap_s": round(statistics.gap_s(now_s), 3),
        "longest_silence_s": round(statistics.longest_silence_s(now_s), 3),
        "nonfinite_blocks": statistics.nonfinite_blocks,
        "phrases": statistics.phrases,
        "textures": dict(sorted(statistics.textures_heard.items())),
        "restarts": dict(restarts),
        "cpu_core_fraction": {**fractions, "total": round(sum(fractions.values()), 4)},
        "peak_rss_mb": {**resident_mb, "total": round(sum(resident_mb.values()), 1)},
        "peak_pss_mb": {**proportional_mb, "total": round(sum(proportional_mb.values()), 1)},
    }


def write_summary(path: Path, figures: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")

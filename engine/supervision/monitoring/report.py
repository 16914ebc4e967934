"""The state of a running installation as plain values: for `status`, for `status.json`, for Prometheus."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.supervision.statistics import Statistics
from engine.supervision.summary import Usage

VERSION: Final = 1


def report(
    *,
    statistics: Statistics,
    usage: Mapping[str, Usage],
    pids: Mapping[str, int | None],
    restarts: Mapping[str, int],
    failing: list[str],
    disk: Mapping[str, float],
    now_s: float,
    card_trouble: str = "",
) -> dict[str, Any]:
    """All there is to know; times in seconds, levels in dB of full scale, sizes in megabytes (millions of bytes)."""
    return {
        "version": VERSION,
        "written": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "monotonic_s": round(now_s, 3),
        "uptime_s": round(now_s - statistics.started_s, 1),
        "played_s": round(statistics.played_s(now_s), 1),
        "first_sound_s": None if statistics.first_sound_s is None else round(statistics.first_sound_s, 3),
        "mood": statistics.mood,
        "seed": statistics.seed,
        "phrase": statistics.phrase_now,
        "upcoming": statistics.phrase_upcoming,
        "phrases": statistics.phrases,
        "level_db": [round(level, 1) for level in statistics.level_db],
        "lead_reels": statistics.lead_reels,
        "reels_played": statistics.reels_played,
        "late_reels": statistics.late_reels,
        "bad_reels": statistics.bad_reels,
        "nonfinite_blocks": statistics.nonfinite_blocks,
        "in_hold": statistics.in_hold,
        "holds": statistics.holds,
        "hold_s": round(statistics.hold_s(now_s), 2),
        "gaps": statistics.gaps,
        "gap_s": round(statistics.gap_s(now_s), 2),
        "longest_silence_s": round(statistics.longest_silence_s(now_s), 2),
        "restarts": dict(restarts),
        "failing": failing,
        "card_trouble": card_trouble,
        "alerts": statistics.alerts,
        "pids": dict(pids),
        "memory_mb": {name: round(one.rss_bytes / 1e6, 1) for name, one in usage.items()},
        "handles": {name: one.handles for name, one in usage.items()},
        "cpu_s": {name: round(one.cpu_s, 2) for name, one in usage.items()},
        "disk_mb": dict(disk),
    }


def disk_mb(runtime: Path, home: Path) -> dict[str, float]:
    """What is free and what is used where it matters; what cannot be asked is left out."""
    found: dict[str, float] = {}
    with suppress(OSError):
        found["runtime_free"] = round(shutil.disk_usage(runtime).free / 1e6, 1)
    with suppress(OSError):
        found["home_free"] = round(shutil.disk_usage(home).free / 1e6, 1)
    total = 0
    for path in runtime.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    found["runtime_used"] = round(total / 1e6, 1)
    return found

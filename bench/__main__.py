"""`python -m bench [NAME…]`: measure everything, or only the modules named; needs a machine that is otherwise idle."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import (
    graph,
    installation,
    memory,
    mood_changes,
    performance_rnn,
    piano_transformer,
    record,
    room,
    samplernn,
    spectra,
    wavenet,
    wavenet_training,
)
from bench.measurement import Measurement
from engine.files.atomic import write_whole

MEASURES: dict[str, Callable[[], dict[str, Measurement]]] = {
    "performance_rnn": performance_rnn.measure,
    "piano_transformer": piano_transformer.measure,
    "spectra": spectra.measure,
    "samplernn": samplernn.measure,
    "wavenet": wavenet.measure,
    "wavenet_training": wavenet_training.measure,
    "graph": graph.measure,
    "room": room.measure,
    "installation": installation.measure,
    "mood_changes": mood_changes.measure,
    "record": record.measure,
}
"""In this order: what a later one needs of an earlier one is not measured again."""
WHEN_ASKED: dict[str, Callable[[], dict[str, Measurement]]] = {
    "memory": memory.measure,
    "memory_first_run": memory.measure_first_run,
}
"""What takes too long to be among all of them."""
RESULTS = Path("build/bench.json")
MACHINE = "machine"
"""A row that is no measurement: what was measured on."""
WIDTH = 150
TOLD_FLAGS = ("avx2", "fma", "f16c", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "asimdhp", "bf16")


def main() -> int:
    chosen = sys.argv[1:] or list(MEASURES)
    measures = MEASURES | WHEN_ASKED
    unknown = [name for name in chosen if name not in measures]
    if unknown:
        print(f"no measurement is called {', '.join(unknown)}; there are {', '.join(measures)}", file=sys.stderr)
        return 2
    rows: dict[str, Measurement] = {}
    for name in chosen:
        print(f"measuring {name} …", end=" ", flush=True, file=sys.stderr)
        begun_s, before_s = time.monotonic(), _processor_s()
        rows |= (now := measures[name]())
        _write(now)
        took_s, spent_s = time.monotonic() - begun_s, _processor_s() - before_s
        print(f"{took_s:.0f} s, of a processor {spent_s:.0f} s", file=sys.stderr)
    _show(rows)
    return 0 if all(row.kept for row in rows.values()) else 1


def _processor_s() -> float:
    """Spent by this process and those that it has waited for: what a busy machine leaves as it is."""
    return sum(os.times()[:4])


def _write(rows: dict[str, Measurement]) -> None:
    """What was measured now, beside what other runs have left in the file."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    now = {name: row.as_dict() for name, row in rows.items()}
    write_whole(RESULTS, json.dumps({**before, MACHINE: machine(), **now}, indent=2) + "\n")


def machine() -> dict[str, Any]:
    """The processor by name, its cores and the instruction sets that tell here; what else runs on it."""
    about = _cpuinfo()
    flags = set(" ".join(about.get(key, "") for key in ("flags", "Features")).split())
    return {
        "processor": about.get("model name") or platform.processor() or platform.machine(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in TOLD_FLAGS if flag in flags],
        "load": round(os.getloadavg()[0], 2),
    }


def _cpuinfo() -> dict[str, str]:
    """Of the first core, as Linux tells; nothing elsewhere."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").split("\n\n")[0].splitlines() if path.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def _show(rows: dict[str, Measurement]) -> None:
    table = Table(box=None)
    for heading in ("measurement", "value", "unit", "reference", "which is", "ratio", "asked", ""):
        right = heading in ("value", "reference", "ratio", "asked")
        table.add_column(heading, justify="right" if right else "left", no_wrap=True)
    for name, row in rows.items():
        verdict = "[red]missed[/red]" if row.verdict == "missed" else row.verdict
        numbers = (f"{row.value:.4g}", row.unit, f"{row.reference:.4g}", row.reference_is, f"{row.ratio:.3g}")
        table.add_row(name, *numbers, row.promise, verdict)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench [NAME…]`: measure everything, or only the modules named; needs a machine that is otherwise idle."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import graph, installation, mood_changes, performance_rnn, piano_transformer, record, room, wavenet
from bench.measurement import Measurement

MEASURES: dict[str, Callable[[], dict[str, Measurement]]] = {
    "performance_rnn": performance_rnn.measure,
    "piano_transformer": piano_transformer.measure,
    "wavenet": wavenet.measure,
    "graph": graph.measure,
    "installation": installation.measure,
    "mood_changes": mood_changes.measure,
    "record": record.measure,
    "room": room.measure,
}
RESULTS = Path("build/bench.json")
WIDTH = 110


def main() -> int:
    chosen = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in chosen if name not in MEASURES]
    if unknown:
        print(f"no measurement is called {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    rows: dict[str, Measurement] = {}
    for name in chosen:
        print(f"measuring {name} …", file=sys.stderr)
        rows |= MEASURES[name]()
    _write(rows)
    _show(rows)
    return 0 if all(row.kept for row in rows.values()) else 1


def _write(rows: dict[str, Measurement]) -> None:
    """What was measured now, beside what other runs have left in the file."""
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    now = {name: {key: v for key, v in asdict(row).items() if v not in (None, "")} for name, row in rows.items()}
    RESULTS.write_text(json.dumps({**before, **now}, indent=2) + "\n", "utf-8")


def _show(rows: dict[str, Measurement]) -> None:
    table = Table(box=None)
    for heading in ("measurement", "value", "unit", "limit", "reference", ""):
        table.add_column(heading, justify="right" if heading in ("value", "limit") else "left", no_wrap=True)
    for name, row in rows.items():
        limit = "" if row.limit is None else f"{'≥' if row.better == 'more' else '≤'} {row.limit:g}"
        reference = "" if row.reference is None else f"{row.reference:.4g} {row.reference_is}"
        verdict = "" if row.limit is None else "kept" if row.kept else "[red]missed[/red]"
        table.add_row(name, f"{row.value:.4g}", row.unit, limit, reference, verdict)
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())

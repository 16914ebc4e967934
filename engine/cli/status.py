"""`status`: how the installation that plays is doing."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.error import URLError
from urllib.request import urlopen

import typer
from rich.table import Table
from rich.text import Text

from engine.cli.terminal.printing import plain_console
from engine.errors import AmeublementError
from engine.files.runtime_folder import RuntimeFolder, default_path
from engine.files.state_folder import DEFAULT_PORT
from engine.hub.metrics import METRICS_PORT
from engine.osc.port import LOOPBACK
from engine.supervision.console import played
from engine.supervision.monitoring.daybook import length

STALE_S: Final = 15.0
"""It is written once a second; older than this, the supervisor is stopped or gone."""
ANSWER_S: Final = 5.0


def status(
    json_: Annotated[bool, typer.Option("--json", help="For machines: one JSON object.")] = False,
    runtime: Annotated[Path | None, typer.Option(help="The runtime folder that `run` was given.")] = None,
    port: Annotated[int | None, typer.Option(help="The port that `run` was given: ask it over the network.")] = None,
) -> None:
    """Say how the installation that plays is doing; exit status 1 if none does, 3 if it does not answer."""
    found = _find(runtime, port)
    age_s = max(0.0, time.monotonic() - found["monotonic_s"])
    if json_:
        typer.echo(json.dumps({**found, "age_s": round(age_s, 1)}, indent=1))
    else:
        show(found)
    if age_s > STALE_S:
        typer.echo(f"This was {length(age_s)} ago; its supervisor does not answer now.", err=True)
        raise typer.Exit(3)


def _find(runtime: Path | None, port: int | None) -> dict[str, Any]:
    """The report of the installation that is meant; of none in particular, the one on the usual port or folder."""
    if port is not None:
        return ask(port)
    if runtime is None:
        with suppress(AmeublementError):
            return ask(DEFAULT_PORT)
    return read((runtime or default_path()).resolve())


def ask(port: int) -> dict[str, Any]:
    """The report of the installation on that port of this machine. Raises AmeublementError."""
    try:
        with urlopen(f"http://{LOOPBACK}:{port + METRICS_PORT}/status", timeout=ANSWER_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except (URLError, OSError, ValueError) as error:
        raise AmeublementError(f"no installation answers on port {port} of this machine ({error})") from None


def read(runtime: Path) -> dict[str, Any]:
    """The report in a runtime folder. Raises AmeublementError."""
    file = RuntimeFolder(runtime).status_file
    try:
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return found
    except FileNotFoundError:
        raise AmeublementError(
            f"no installation plays with the runtime folder {runtime}; "
            "if it was started with --runtime or --port, give the same here"
        ) from None
    except (OSError, ValueError) as error:
        raise AmeublementError(f"{file}: cannot be read: {error}") from None


def show(found: dict[str, Any]) -> None:
    """The report as a person reads it."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim")
    rows.add_column()
    level_db = max(found["level_db"])
    restarts = {name: count for name, count in found["restarts"].items() if count}
    rows.add_row("playing", f"{played(found['uptime_s'])}, mood {found['mood']}, {found['phrase'] or 'no phrase yet'}")
    rows.add_row("level", f"{level_db:.1f} dB" + (", in its hold loop" if found["in_hold"] else ""))
    rows.add_row("reels", f"{found['lead_reels']:g} ahead, {found['reels_played']} played, {found['late_reels']} late")
    rows.add_row("silent", f"{found['gaps']} times, {found['gap_s']:.1f} s in all")
    rows.add_row("hold", f"{found['holds']} times, {found['hold_s']:.1f} s in all")
    rows.add_row("restarts", ", ".join(f"{name} {count}" for name, count in restarts.items()) or "none")
    if found["failing"]:
        rows.add_row("failing", Text(", ".join(found["failing"]), style="red"))
    if found.get("card_trouble"):
        rows.add_row("card", Text(found["card_trouble"], style="red"))
    if alerts := found.get("alerts"):
        rows.add_row("alerts", Text(alerts, style="" if alerts == "none" else "red"))
    for name, pid in found["pids"].items():
        if pid is not None:
            rows.add_row(name, _part(found, name, pid))
    disk = found["disk_mb"]
    if disk:
        free = ", ".join(f"{disk[key]:,.0f} MB free {where}" for key, where in _PLACES.items() if key in disk)
        rows.add_row("disk", f"{free}, {disk.get('runtime_used', 0.0):.0f} MB used while it runs")
    written = datetime.fromisoformat(found["written"]).astimezone()
    rows.add_row("as of", f"{written:%Y-%m-%d %H:%M:%S}")
    plain_console().print(rows)


_PLACES: Final = {"runtime_free": "in the runtime folder", "home_free": "where it is installed"}


def _part(found: dict[str, Any], name: str, pid: int) -> str:
    text = f"process {pid}"
    if name in found["memory_mb"]:
        text += f", {found['memory_mb'][name]:.0f} MB, {found['handles'][name]} handles"
        text += f", {found['cpu_s'][name] / max(found['uptime_s'], 1.0):.0%} of a core"
    return text

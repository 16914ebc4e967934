"""`install-service` and `uninstall-service`: play at boot, under systemd."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.errors import AmeublementError
from engine.supervision.systemd_unit import make_service

SYSTEMD_RUNS = Path("/run/systemd/system")

Name = Annotated[str, typer.Option(help="Name of the service, for a second installation beside the first.")]
System = Annotated[
    bool | None,
    typer.Option("--system-unit/--user-unit", help="For the machine, or for this user. [default: system as root]"),
]


def install_service(
    context: typer.Context,
    name: Name = "ameublement",
    system: System = None,
    user: Annotated[str | None, typer.Option(help="Who runs a system unit. [default: who called sudo]")] = None,
    show: Annotated[bool, typer.Option("--print", help="Only print the unit.")] = False,
) -> None:
    """Have systemd play at every boot; what follows `--` is given to `run`, for instance `-- --mood night`."""
    _check_run_options(context, context.args)
    service = make_service(name, system, user, context.args)
    if show:
        typer.echo(service.text(), nl=False)
        return
    try:
        service.path.parent.mkdir(parents=True, exist_ok=True)
        service.path.write_text(service.text(), "utf-8")
    except OSError as error:
        raise AmeublementError(f"{service.path}: cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {service.path}")
    if service.system and service.user == "root":
        typer.echo("It will run as root; `--user NAME`, a member of the group audio, is safer.", err=True)
    steps = [[*service.systemctl, "daemon-reload"], [*service.systemctl, "enable", "--now", service.path.name]]
    if not service.system:
        steps.append(["loginctl", "enable-linger"])  # or a user's services begin at login only
    _take(steps)


def uninstall_service(name: Name = "ameublement", system: System = None) -> None:
    """Stop it, and do not play at boot any more."""
    service = make_service(name, system, None, ())
    if not service.path.exists():
        raise AmeublementError(f"there is no service {service.path}; is it of the other kind?")
    _take([[*service.systemctl, "disable", "--now", service.path.name]])
    service.path.unlink()
    typer.echo(f"removed {service.path}")
    _take([[*service.systemctl, "daemon-reload"]])


def _take(steps: list[list[str]]) -> None:
    """Run these commands; where there is no systemd to talk to, say what to run later."""
    if not (SYSTEMD_RUNS.exists() and shutil.which("systemctl")):
        typer.echo("systemd does not run here; on the machine that plays, run:")
        for step in steps:
            typer.echo(f"  {' '.join(step)}")
        return
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AmeublementError(f"`{' '.join(step)}` failed: {(done.stderr or done.stdout).strip()}")


def _check_run_options(context: typer.Context, arguments: list[str]) -> None:
    """A unit that could never start is not written."""
    group: Any = context.parent.command if context.parent else None
    try:
        group.get_command(context.parent, "run").make_context("run", list(arguments), parent=context.parent)
    except Exception as error:
        told = getattr(error, "format_message", None)  # of click's errors, wherever this typer keeps click
        if told is None:
            raise
        raise AmeublementError(f"`run` does not take this: {told()}") from None

"""`alerts`: whether those whom a file of alerts names can be reached."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from engine.supervision.alerts.policy import Alert
from engine.supervision.alerts.senders import senders
from engine.supervision.alerts.settings import AlertError, read_alerts


def alerts(file: Annotated[Path, typer.Argument(help="The file that `run --alerts` is given.")]) -> None:
    """Send a test alert to everybody in a file of alerts, and say who took it; exit status 1 if one did not."""
    alert = Alert("test", "begins", "This is a test of the alerts; nothing is wrong.", datetime.now().astimezone())
    failed = False
    for name, send in senders(read_alerts(file)).items():
        try:
            send(alert)
        except AlertError as problem:
            failed = True
            typer.echo(f"{name}: {problem}", err=True)
        else:
            typer.echo(f"{name}: taken")
    if failed:
        raise typer.Exit(1)

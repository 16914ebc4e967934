"""An alert as it is written: JSON for machines, a subject and a few lines for people."""

from __future__ import annotations

import json
import socket
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Final

from engine.supervision.alerts.policy import Alert
from engine.supervision.alerts.settings import Mail

STATES: Final = {"begins": "has begun", "lasts": "still lasts", "over": "is over"}


def as_object(alert: Alert, name: str) -> dict[str, Any]:
    """For a webhook (whose `text` many chat programs show) and for MQTT."""
    return {
        "name": name,
        "host": socket.gethostname(),
        "cause": alert.cause,
        "state": alert.state,
        "text": f"{subject(alert, name)}. {alert.text}",
        "since": alert.since.isoformat(timespec="seconds"),
    }


def as_json(alert: Alert, name: str) -> bytes:
    return json.dumps(as_object(alert, name)).encode()


def subject(alert: Alert, name: str) -> str:
    return f"{name}: {alert.cause} {STATES[alert.state]}"


def as_mail(alert: Alert, name: str, mail: Mail, now: datetime) -> EmailMessage:
    """Raises ValueError where a name cannot stand in a header."""
    message = EmailMessage()
    message["Subject"] = subject(alert, name)
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    lines = (alert.text, f"Since {alert.since:%Y-%m-%d %H:%M:%S}, on {socket.gethostname()}.")
    message.set_content("\n\n".join(lines))
    return message

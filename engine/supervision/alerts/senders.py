"""Ways to reach people. Each sends one alert within `PATIENCE_S` or raises AlertError; none ever holds up the music."""

from __future__ import annotations

import smtplib
import ssl
import urllib.request
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from engine.supervision.alerts.letters import as_json, as_mail
from engine.supervision.alerts.policy import Alert
from engine.supervision.alerts.settings import AlertError, Alerts, Mail, Mqtt

PATIENCE_S: Final = 20.0

Sender = Callable[[Alert], None]


def senders(settings: Alerts) -> dict[str, Sender]:
    """All that the file asks for, by a name for people."""
    name = settings.name
    found: dict[str, Sender] = {}
    for number, hook in enumerate(settings.webhooks, 1):
        found[f"webhook {number} {urlsplit(hook.url).hostname}"] = _poster(hook.url, name)
    if mail := settings.mail:
        found[f"mail {mail.host}"] = lambda alert: _mail(alert, name, mail)
    if mqtt := settings.mqtt:
        found[f"mqtt {mqtt.host}"] = lambda alert: _publish(alert, name, mqtt)
    return found


def _poster(url: str, name: str) -> Sender:
    return lambda alert: _post(url, as_json(alert, name))


def _post(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  (http by the file)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S):  # noqa: S310
            return
    except (OSError, ValueError) as problem:
        raise AlertError(f"{urlsplit(url).hostname} did not take it: {problem}") from None


def _mail(alert: Alert, name: str, mail: Mail) -> None:
    context = ssl.create_default_context()
    try:
        message = as_mail(alert, name, mail, datetime.now().astimezone())
        if mail.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE_S, context=context)
        else:
            client = smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE_S)
        with client:
            if mail.security == "starttls":
                client.starttls(context=context)
            if mail.user:
                client.login(mail.user, _secret(mail.password_file))
            client.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        raise AlertError(f"{mail.host} did not take the mail: {problem}") from None


def _publish(alert: Alert, name: str, mqtt: Mqtt) -> None:
    """With quality of service 1: the broker says that it has it. Its topic ends in the cause, and is retained."""
    client = Client(CallbackAPIVersion.VERSION2)
    if mqtt.tls:
        client.tls_set()
    if mqtt.user:
        client.username_pw_set(mqtt.user, _secret(mqtt.password_file))
    try:
        client.connect(mqtt.host, mqtt.port)
        client.loop_start()
        told = client.publish(f"{mqtt.topic}/{alert.cause}", as_json(alert, name), qos=1, retain=True)
        told.wait_for_publish(PATIENCE_S)
        if told.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or not told.is_published():
            raise AlertError(f"{mqtt.host} did not take the message within {PATIENCE_S:.0f} s")
    except (OSError, ValueError, RuntimeError) as problem:
        raise AlertError(f"{mqtt.host} did not take the message: {problem}") from None
    finally:
        client.disconnect()
        client.loop_stop()


def _secret(path: Path | None) -> str:
    """Raises OSError."""
    return path.read_text("utf-8").strip() if path else ""

"""Alerts on their way: real servers take them, a server that does not is tried again, and a run is told of in order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from engine.cli.app import app
from engine.files.runtime_folder import RuntimeFolder
from engine.osc.port import LOOPBACK
from engine.supervision.alerts.alerter import RETRY_S, Alerter, latest_status
from engine.supervision.alerts.letters import as_mail, as_object
from engine.supervision.alerts.policy import Alert
from engine.supervision.alerts.senders import senders
from engine.supervision.alerts.settings import AlertError, Alerts, Mail, Mqtt, Webhook, read_alerts
from tests.engine.supervision.alerts.servers import Hook, broker, mail_server
from tests.engine.supervision.alerts.test_causes import BAD, WELL

SINCE = datetime(2026, 11, 30, 14, 3, tzinfo=UTC)
ALERT = Alert("hold", "begins", "the hold loop plays, for no new music comes", SINCE)


@pytest.fixture
def hook() -> Iterator[Hook]:
    one = Hook()
    yield one
    one.shutdown()
    one.server_close()


def only(settings: Alerts) -> Any:
    (send,) = senders(settings).values()
    return send


def test_a_webhook_gets_json_that_chat_programs_show(hook: Hook) -> None:
    only(Alerts(name="Foyer", webhooks=[Webhook(url=hook.url)]))(ALERT)
    (posted,) = hook.posted
    assert posted["text"] == f"Foyer: hold has begun. {ALERT.text}"
    assert (posted["cause"], posted["state"], posted["since"]) == ("hold", "begins", "2026-11-30T14:03:00+00:00")


def test_a_webhook_that_refuses_is_said_without_its_secret(hook: Hook) -> None:
    hook.status = 500
    with pytest.raises(AlertError, match="500") as caught:
        only(Alerts(webhooks=[Webhook(url=hook.url)]))(ALERT)
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_a_mail_arrives() -> None:
    with mail_server() as (mailbox, port):
        people = ["a@example.org", "b@example.org"]
        mail = Mail(host=LOOPBACK, port=port, security="none", sender="room@example.org", to=people)
        only(Alerts(name="Foyer", mail=mail))(ALERT)
    ((to, text),) = mailbox.mails
    assert to == people
    assert "Subject: Foyer: hold has begun" in text
    assert ALERT.text in text
    with pytest.raises(AlertError, match="did not take the mail"):
        only(Alerts(mail=mail))(ALERT)


def test_a_name_with_a_line_break_writes_no_header_of_its_own() -> None:
    mail = Mail(host="x", sender="room@example.org", to=["a@example.org"])
    with pytest.raises(ValueError, match="linefeed"):
        as_mail(ALERT, "Foyer\nBcc: other@example.org", mail, SINCE)


def test_mqtt_has_it_for_who_comes_later_too() -> None:
    with broker() as port:
        only(Alerts(mqtt=Mqtt(host=LOOPBACK, port=port, topic="house/alerts")))(ALERT)
        heard: list[Any] = []
        arrived = threading.Event()
        client = Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _c, _u, message: (heard.append(message), arrived.set())
        client.connect(LOOPBACK, port)
        client.loop_start()
        client.subscribe("house/alerts/#", qos=1)
        assert arrived.wait(10.0)
        client.disconnect()
        client.loop_stop()
    assert heard[0].topic == "house/alerts/hold"
    assert json.loads(heard[0].payload) == as_object(ALERT, "Ameublement")


class Evening:
    """An alerter with a clock and a state that are set by hand."""

    def __init__(self, settings: Alerts) -> None:
        self.now_s, self.report = 0.0, dict(WELL)
        self.told: list[tuple[str, tuple[object, ...]]] = []
        self.alerter = Alerter(
            settings, lambda: self.report, lambda path, *arguments: self.told.append((path, arguments))
        )

    def later(self, seconds: int, **changes: Any) -> None:
        self.report = {**WELL, **changes}
        for _ in range(seconds):
            self.now_s += 1.0
            self.alerter.step(self.now_s, SINCE + timedelta(seconds=self.now_s))


def test_an_evening_with_a_gone_card_is_told_once_and_its_end_too(hook: Hook) -> None:
    evening = Evening(Alerts(webhooks=[Webhook(url=hook.url)]))
    evening.later(20)
    evening.later(120, **BAD["card"])
    assert evening.told[-1] == ("/alert/now", ("card since 14:03",))
    evening.later(60)
    evening.later(120, **BAD["card"])
    evening.later(60)
    assert [(one["cause"], one["state"]) for one in hook.posted] == [("card", "begins"), ("card", "over")]
    assert evening.told[-1] == ("/alert/now", ("none",))


def test_who_does_not_answer_is_tried_again_and_complained_of_once(hook: Hook) -> None:
    hook.status = 503
    evening = Evening(Alerts(webhooks=[Webhook(url=hook.url)]))
    evening.later(100 + 3 * int(RETRY_S), **BAD["hold"])
    assert hook.posted == []
    assert sum(path == "/error" for path, _ in evening.told) == 1
    hook.status = 200
    evening.later(int(RETRY_S) + 2, **BAD["hold"])
    assert [one["state"] for one in hook.posted] == ["begins"]


def test_one_way_that_fails_keeps_no_other_from_being_told(hook: Hook) -> None:
    nobody = Webhook(url=f"http://{LOOPBACK}:9/")
    evening = Evening(Alerts(webhooks=[nobody, Webhook(url=hook.url)]))
    evening.later(100, **BAD["silence"])
    assert [one["cause"] for one in hook.posted] == ["silence"]


def test_a_state_that_is_old_is_none(tmp_path: Path) -> None:
    file = RuntimeFolder(tmp_path).status_file
    assert latest_status(tmp_path) is None
    file.write_text(json.dumps({**WELL, "monotonic_s": time.monotonic()}), "utf-8")
    assert latest_status(tmp_path) is not None
    file.write_text(json.dumps({**WELL, "monotonic_s": time.monotonic() - 60.0}), "utf-8")
    assert latest_status(tmp_path) is None
    file.write_text("{", "utf-8")
    assert latest_status(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name: X\n", "nobody is told"),
        ("webhooks: [{url: ftp://x}]\n", "url"),
        ("mail: {host: x, sender: nobody, to: [a@b.c]}\n", "sender"),
        ("webhooks: [{url: 'http://x/'}]\nquiet: {begin: '25:00', end: '07:00'}\n", "begin"),
        ("webhooks: [{url: 'http://x/'}]\nnonsense: 1\n", "nonsense"),
    ],
)
def test_a_file_that_cannot_be_used_says_where(tmp_path: Path, text: str, why: str) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(AlertError, match=why):
        read_alerts(file)


def test_the_command_tries_everybody(tmp_path: Path, hook: Hook) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(f"webhooks: [{{url: '{hook.url}'}}]\n", "utf-8")
    done = CliRunner().invoke(app, ["alerts", str(file)])
    assert (done.exit_code, done.output) == (0, f"webhook 1 {LOOPBACK}: taken\n")
    assert hook.posted[0]["cause"] == "test"
    hook.status = 500
    assert CliRunner().invoke(app, ["alerts", str(file)]).exit_code == 1

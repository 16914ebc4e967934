"""The alerts process: `python -m engine.supervision.alerts.alerter --runtime DIR --alerts FILE --port N`.

It reads `status.json` once a second and needs nobody else; what it sends may take its time, for it is a process of its
own. What could not be sent is tried again, the latest alert of a cause first.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from engine.files.runtime_folder import RuntimeFolder
from engine.osc.messages import Report
from engine.osc.side_process import begin, moments, option_parser, reporter
from engine.supervision.alerts.causes import STALE_S, Causes
from engine.supervision.alerts.policy import Alert, Policy
from engine.supervision.alerts.senders import senders
from engine.supervision.alerts.settings import AlertError, Alerts, read_alerts

LOOK_S: Final = 1.0
RETRY_S: Final = 60.0
LONGEST_TEXT: Final = 120

log = logging.getLogger("alerts")


class Alerter:
    """`report` takes an OSC path and arguments; `latest` gives the state, None where there is none that is new."""

    def __init__(
        self,
        settings: Alerts,
        latest: Callable[[], Mapping[str, Any] | None],
        report: Callable[..., None],
    ) -> None:
        self._latest, self._report = latest, report
        self._ways = senders(settings)
        self._causes, self._policy = Causes(settings), Policy(settings.quiet)
        self._unsent: dict[tuple[str, str], Alert] = {}
        """By way and cause."""
        self._retry_s: dict[str, float] = {}
        self._complained: set[str] = set()

    def step(self, now_s: float, clock: datetime) -> None:
        """Look, and tell whom it concerns; returns when all have answered or were given up for now."""
        lasting = self._causes.look(self._latest(), now_s)
        for alert in self._policy.due(lasting, now_s, clock):
            log.info("%s %s: %s", alert.cause, alert.state, alert.text)
            for way in self._ways:
                self._unsent[way, alert.cause] = alert
                self._retry_s.pop(way, None)
        self._report(Report.ALERT_NOW, self._policy.now[:LONGEST_TEXT])
        for (way, cause), alert in list(self._unsent.items()):
            if now_s >= self._retry_s.get(way, 0.0) and self._send(way, alert, now_s):
                self._unsent.pop((way, cause), None)

    def _send(self, way: str, alert: Alert, now_s: float) -> bool:
        try:
            self._ways[way](alert)
        except AlertError as problem:
            self._retry_s[way] = now_s + RETRY_S
            log.warning("%s: %s", way, problem)
            if way not in self._complained:
                self._complained.add(way)
                self._report(Report.ERROR, "/alert", f"{way}: {problem}"[:LONGEST_TEXT])
            return False
        self._complained.discard(way)
        return True


def latest_status(runtime: Path) -> Mapping[str, Any] | None:
    """The supervisor's report, if it is of the last seconds."""
    try:
        found: dict[str, Any] = json.loads(RuntimeFolder(runtime).status_file.read_text("utf-8"))
        return found if time.monotonic() - float(found["monotonic_s"]) < STALE_S else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def main() -> None:
    parser = option_parser("Tell people elsewhere when something lasts.")
    parser.add_argument("--alerts", type=Path, required=True, help="file that says whom to tell")
    options, looks_s = begin(parser), moments(LOOK_S)
    with reporter(options) as report:
        alerter = Alerter(read_alerts(options.alerts), lambda: latest_status(options.runtime), report)
        for now_s in looks_s:
            alerter.step(now_s, datetime.now().astimezone())


if __name__ == "__main__":
    main()

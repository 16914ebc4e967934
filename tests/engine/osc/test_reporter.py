"""Reports go to the hub and to the supervisor; everything else to the hub alone."""

from __future__ import annotations

import time

from engine.osc.messages import Report
from engine.osc.port import LOOPBACK, Message, OscPort
from engine.osc.reporter import Reporter


def heard(port: OscPort) -> list[str]:
    time.sleep(0.02)
    return [item.path for item in port.received() if isinstance(item, Message)]


def test_the_supervisor_hears_reports_without_the_hub() -> None:
    own, hub, supervisor = (OscPort(LOOPBACK, 0) for _ in range(3))
    report = Reporter(own, hub.port, supervisor.port)
    report(Report.MIDI_ALIVE, 1.0)
    report("/midi/control", 1, 7, 64)
    assert heard(hub) == ["/midi/alive", "/midi/control"]
    assert heard(supervisor) == ["/midi/alive"]
    Reporter(own, 0, supervisor.port)(Report.MIDI_ALIVE, 1.0)
    assert (heard(hub), heard(supervisor)) == ([], ["/midi/alive"])
    Reporter(own, hub.port)(Report.MIDI_ALIVE, 1.0)
    assert (heard(hub), heard(supervisor)) == (["/midi/alive"], [])
    for port in (own, hub, supervisor):
        port.close()

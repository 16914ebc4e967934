"""How a process of the installation reports: to the hub, and to the supervisor, which needs no hub to hear it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.osc.messages import is_report
from engine.osc.port import LOOPBACK, OscPort, encode


@dataclass(frozen=True, slots=True)
class Reporter:
    """Called with an address and arguments, also from several threads. The ports are UDP's, on this machine."""

    osc: OscPort
    hub_port: int
    """0 for the hub's own reports, which concern the supervisor alone."""
    supervisor_port: int = 0
    """0 where no supervisor listens: the process was started by hand."""

    def __call__(self, path: str, *arguments: object) -> None:
        packet = encode(path, arguments)
        if self.hub_port:
            self.osc.send_packet((LOOPBACK, self.hub_port), packet)
        if self.supervisor_port and is_report(path):
            self.osc.send_packet((LOOPBACK, self.supervisor_port), packet)

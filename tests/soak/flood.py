"""A real installation under ten thousand OSC messages a second: what it played meanwhile, and what it took."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from engine.osc.port import LOOPBACK, OscPort, encode
from tests.installation import Running, installation

PER_S: Final = 10_000
ROUND: Final = 100
SETTLE_S: Final = 10.0
AFTER_S: Final = 10.0
LONGEST_SILENCE_S: Final = 2.0
PACKETS: Final = (
    *(encode("/layer/cello/pan", [value / 100.0]) for value in range(-40, -20)),
    *(encode(f"/stem/{stem}/level_db", [-6.0]) for stem in ("piano", "bass", "chords")),
    encode("/state/dump", []),
    encode("/no/such/address", [1.0]),
    b"/x",
    np.random.default_rng(1).bytes(60),
)
"""Good and bad ones, in turn."""


@dataclass(frozen=True)
class Flooded:
    """What came of it; figures of the time from the flood's begin until `AFTER_S` after its end."""

    length_s: float
    sent: int
    unread: int
    """Packets that the system dropped since the hub had not read them."""
    late_reels: int
    holds: int
    gaps: int
    restarts: int
    longest_silence_s: float
    """In which a controller that listens did not hear of the room's level."""
    hub_cpu: float
    """Share of a core."""
    words: Sequence[str]
    """What was logged as trouble."""

    @property
    def problems(self) -> list[str]:
        """What should not have happened: no late reel, no hold, nobody unheard."""
        counts = {"late reels": self.late_reels, "holds": self.holds, "gaps": self.gaps, "restarts": self.restarts}
        found = [f"{count} {what} in a flood" for what, count in counts.items() if count]
        silent = self.longest_silence_s > LONGEST_SILENCE_S
        return [*found, f"a controller heard nothing for {self.longest_silence_s:.1f} s"] if silent else found


def flood(run: Running, length_s: float, per_s: int = PER_S) -> tuple[int, float]:
    """Send for `length_s` beside a controller that listens; the messages, and how long it heard nothing at most."""
    begin_s, sent, longest_s = time.monotonic(), 0, 0.0
    shouting = OscPort(LOOPBACK, 0)
    while sent < length_s * per_s:
        for _ in range(ROUND):
            shouting.socket.sendto(PACKETS[sent % len(PACKETS)], (LOOPBACK, run.port))
            sent += 1
        for _ in shouting.received():  # what it is told of its nonsense
            pass
        run.listen()
        longest_s = max(longest_s, time.monotonic() - run.heard_s.get("/room/meter", begin_s))
        time.sleep(max(0.0, begin_s + sent / per_s - time.monotonic()))
    shouting.close()
    return sent, longest_s


def flooded(folder: Path, length_s: float, settle_s: float = SETTLE_S, after_s: float = AFTER_S) -> Flooded:
    """Play for `settle_s`, flood, and look `after_s` later."""
    folder.mkdir(parents=True, exist_ok=True)
    with installation(folder) as run:
        run.until(run.sounds, 60.0)
        time.sleep(settle_s)
        before, cpu_s, unread = _status(run), _cpu_s(run), _unread(run.port)
        begin_s = time.monotonic()
        sent, longest_s = flood(run, length_s)
        took_s = time.monotonic() - begin_s
        spent_s = _cpu_s(run) - cpu_s
        time.sleep(after_s)
        after, lost = _status(run), _unread(run.port) - unread
        restarts = sum(after["restarts"].values()) - sum(before["restarts"].values())
        counts = {name: after[name] - before[name] for name in ("late_reels", "holds", "gaps")}
    return Flooded(
        length_s=round(took_s, 1),
        sent=sent,
        unread=lost,
        restarts=restarts,
        longest_silence_s=round(longest_s, 2),
        hub_cpu=round(spent_s / took_s, 3),
        words=_troubles(folder / "runtime" / "logs"),
        **counts,
    )


def _status(run: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run.folder / "runtime" / "status.json").read_text("utf-8"))
    return found


def _cpu_s(run: Running) -> float:
    times = psutil.Process(_status(run)["pids"]["hub"]).cpu_times()
    return float(times.user + times.system)


def _unread(port: int) -> int:
    """Of a UDP socket: the last column of /proc/net/udp."""
    for line in Path("/proc/net/udp").read_text("ascii").splitlines()[1:]:
        words = line.split()
        if int(words[1].split(":")[1], 16) == port:
            return int(words[-1])
    raise RuntimeError(f"no UDP socket has port {port}")


def _troubles(logs: Path) -> list[str]:
    events = (json.loads(line) for line in (logs / "events.jsonl").read_text("utf-8").splitlines())
    return [event["text"] for event in events if event["level"] == "warning"]


TEMPLATE: Final = """## Ten thousand OSC messages a second

{sent:,} messages in {length_s:.0f} s, good and bad, from one sender of this machine into a real installation as it
plays: late reels {late_reels}, hold loop {holds}, gaps {gaps}, restarts {restarts}. Another controller heard of the
room's level all the while, at the longest {longest_silence_s:.2f} s apart. The hub took {hub_cpu:.0%} of
a core; the system dropped {unread:,} packets before anybody looked at them. Logged as trouble: {said}.
"""


def section(found: dict[str, Any]) -> str:
    """For the report, from the fields of `Flooded`."""
    return TEMPLATE.format(**found, said="; ".join(found["words"][:5]) or "nothing")
